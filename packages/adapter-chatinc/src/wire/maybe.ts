/** A field that the provider may send as null. */
export type Maybe<T> = T | null;
