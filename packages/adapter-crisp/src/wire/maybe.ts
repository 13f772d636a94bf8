/** A value that the provider may leave out or send as `null`. */
export type Maybe<T> = T | null;
