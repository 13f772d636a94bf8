/** A value that the platform may leave out or send as `null`. */
export type Maybe<T> = T | null;

/** Another record: its id, or the record itself where the call asked to `populate` it. */
export type Reference = string | { id: string };

/** The id in a reference; undefined where there is none (consumers have no `user`, or an empty one). */
export function referencedId(reference: Maybe<Reference> | undefined): string | undefined {
  if (typeof reference === 'string') return reference === '' ? undefined : reference;
  return reference?.id;
}
