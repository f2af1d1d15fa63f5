/**
 * `T` with its plain objects, arrays, Maps and Sets read-only at every level: the type of JSON that the cache returns, because all readers
 * share one frozen value.
 *
 * Unchanged are branded strings and numbers, functions, instances of classes such as Date and URL (recognised by their methods or private
 * members), and types that any JSON fits, such as `unknown` or a recursive `Json` type of yours.
 */
export type DeepReadonly<T> = [Json] extends [T]
  ? T
  : T extends Atom
    ? T
    : T extends readonly unknown[]
      ? { readonly [Index in keyof T]: DeepReadonly<T[Index]> }
      : T extends ReadonlyMap<infer Key, infer Value>
        ? ReadonlyMap<DeepReadonly<Key>, DeepReadonly<Value>>
        : T extends ReadonlySet<infer Item>
          ? ReadonlySet<DeepReadonly<Item>>
          : IsPlain<T> extends true
            ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
            : T

type Callable = ((...inputs: never[]) => unknown) | (abstract new (...inputs: never[]) => unknown)

// Branded types extend these too.
type Atom = string | number | bigint | boolean | symbol | null | undefined | Callable

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** JSON has no methods, and a class with private members loses them in a mapped type. */
type IsPlain<T> = [MethodOf<T>] extends [never] ? ({ [Key in keyof T]: T[Key] } extends T ? true : false) : false

type MethodOf<T> = { [Key in keyof T]-?: IsCallable<T[Key]> extends true ? Key : never }[keyof T]

type IsCallable<T> = unknown extends T
  ? false
  : [NonNullable<T>] extends [never]
    ? false
    : [NonNullable<T>] extends [Callable]
      ? true
      : false
