import type { Maybe } from './maybe.js';

/** What the provider knows of a person: only the number. */
export interface ChatIncContact {
  number: string;
  [field: string]: unknown;
}

export interface ChatIncAudience {
  id: string;
  name?: Maybe<string>;
  description?: Maybe<string>;
  [field: string]: unknown;
}

export interface ChatIncAudienceInput {
  id: string;
  name?: string;
  description?: string;
  contacts: readonly { number: string }[];
}

/** Values by number. Only names and fields can be read back. */
export interface ChatIncVariableGroup {
  name: string;
  fields: string[];
}

/** A row: the recipient's number, and a value for each field. */
export interface ChatIncVariableRow {
  number: string;
  [field: string]: string | number;
}

export interface ChatIncVariableGroupInput {
  /** What placeholders use: small letters, digits and `_`, at most 40. It is the group's id, too. */
  name: string;
  /** The same as `name`, or missing. */
  id?: string;
  /** For people. */
  description?: string;
  fields: readonly string[];
  values: readonly ChatIncVariableRow[];
}

/** Rows once, or as often as asked for: an array or a function can be read twice, and so be checked before anything is sent. */
export type ChatIncRows<Row> =
  | Iterable<Row>
  | AsyncIterable<Row>
  | (() => Iterable<Row> | AsyncIterable<Row>);

/** A file that is there already is sent as it is; rows are checked and written as a file. */
export type ChatIncFile<Row> =
  | {
      rows: ChatIncRows<Row>;
      /** True: no number comes twice, so that nobody has to remember them. */
      distinct?: boolean;
    }
  | { csv: string | Uint8Array | (() => AsyncIterable<Uint8Array>) };

export type ChatIncAudienceFile = { id: string; name?: string } & ChatIncFile<{ number: string } | string>;

export type ChatIncVariableFile = {
  name: string;
  id?: string;
  /** Also makes an audience of this id, if there is none, and adds all numbers of the file to it. */
  audienceId?: string;
} & (
  | ({ fields: readonly string[] } & ChatIncFile<ChatIncVariableRow>)
  | { csv: string | Uint8Array | (() => AsyncIterable<Uint8Array>) }
);

/** What came of a write. The shape of the answer is not documented. */
export interface ChatIncWritten {
  /** For example a number that stood there twice. */
  warnings: string[];
  answer: unknown;
}
