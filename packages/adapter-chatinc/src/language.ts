/** `en-US`, `en_US` or `enUS` as the provider wants it; a bare language stays as it is. */
export function toChatIncLanguage(tag: string, style: 'compact' | 'underscore'): string {
  const { language, region } = partsOf(tag);
  if (region === undefined) return language;
  return style === 'compact' ? `${language}${region}` : `${language}_${region}`;
}

/** BCP 47. */
export function fromChatIncLanguage(locale: string): string {
  const { language, region } = partsOf(locale);
  return region === undefined ? language : `${language}-${region}`;
}

function partsOf(tag: string): { language: string; region?: string } {
  const compact = /^([a-z]{2,3})([A-Z]{2})$/.exec(tag);
  if (compact !== null) return { language: compact[1] ?? '', region: compact[2] ?? '' };
  const [language = '', region] = tag.trim().split(/[-_]/);
  return region === undefined || region === ''
    ? { language: language.toLowerCase() }
    : { language: language.toLowerCase(), region: region.toUpperCase() };
}
