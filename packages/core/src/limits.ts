import type { Choice } from './model/content.js';

/**
 * What a channel can show, as data. A kind that is missing cannot be shown and is degraded by `plan`.
 *
 * Lengths count UTF-16 code units; a missing number means that no limit is known.
 */
export interface ContentLimits {
  text: {
    maxLength?: number;
    /** Which markup the channel shows. Other markup is sent as plain text. */
    formats?: readonly ('markdown' | 'html')[];
  };
  media?: {
    /** For example `image/*`, `application/pdf`. */
    mimeTypes?: readonly string[];
    maxBytes?: number;
    /** False: the caption goes out as a message of its own. */
    caption: boolean;
  };
  location?: Record<string, never>;
  choices?: {
    max?: number;
    labelMaxLength?: number;
    types: readonly Choice['type'][];
  };
  carousel?: {
    maxCards?: number;
    /** Buttons on one card. */
    maxChoices?: number;
    /** Which buttons a card may have; those of `choices` when missing. */
    choiceTypes?: readonly Choice['type'][];
    description: boolean;
  };
  template?: Record<string, never>;
  field?: Record<string, never>;
}
