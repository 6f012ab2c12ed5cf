import { type TSchema, Type } from 'typebox';

// The words that the schemas of public JSON are written in.

/** A value, or `null` where it is not known. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const text = (description: string) => Type.String({ description });
export const count = (description: string) => Type.Integer({ minimum: 0, description });
export const time = (description: string) => Type.String({ format: 'date-time', description });
export const oneOf = <const T extends string>(values: readonly T[], description: string) =>
  Type.Enum([...values], { description });

/** The same type, and nothing in it can be changed. */
export type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;
