import { expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import type { DeepReadonly } from '../../src/index.js'

test('objects, lists, tuples, Maps and Sets are read-only all the way down', () => {
  interface Db {
    hosts: { name: string; ports: number[] }[]
    pair: [string, { a: number }]
    limits: Map<string, { max: number }>
    tags?: Set<string[]>
  }
  expectTypeOf<DeepReadonly<Db>>().toEqualTypeOf<{
    readonly hosts: readonly { readonly name: string; readonly ports: readonly number[] }[]
    readonly pair: readonly [string, { readonly a: number }]
    readonly limits: ReadonlyMap<string, { readonly max: number }>
    readonly tags?: ReadonlySet<readonly string[]>
  }>()
})

test('branded texts and numbers stay what they are', () => {
  type UserId = string & { readonly __brand: 'UserId' }
  type Port = number & z.core.$brand<'Port'>
  expectTypeOf<DeepReadonly<{ id: UserId; port: Port }>>().toEqualTypeOf<{ readonly id: UserId; readonly port: Port }>()
})

test('instances of classes and functions stay what they are', () => {
  class Key {
    #bytes = Buffer.alloc(0)
    sign(): Buffer {
      return this.#bytes
    }
  }
  class Token {
    private readonly text: string = ''
    readonly length: number = this.text.length
  }
  interface Output {
    url: URL
    key: Key
    token: Token
    date: Date
    bytes: Uint8Array
    pattern: RegExp
    keys: Key[]
  }
  expectTypeOf<DeepReadonly<Output>>().toEqualTypeOf<{
    readonly url: URL
    readonly key: Key
    readonly token: Token
    readonly date: Date
    readonly bytes: Uint8Array
    readonly pattern: RegExp
    readonly keys: readonly Key[]
  }>()
  type Call = (url: string) => Promise<string>
  expectTypeOf<DeepReadonly<Call>>().toEqualTypeOf<Call>()
  expectTypeOf<DeepReadonly<new () => Key>>().toEqualTypeOf<new () => Key>()
  expectTypeOf<DeepReadonly<[Call]>>().toEqualTypeOf<readonly [Call]>()
})

test('recursive types of JSON stay what they are, alone and inside others', () => {
  type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
  type JsonObject = { [key: string]: Json }
  const json = {} as DeepReadonly<Json>
  expectTypeOf(json).toEqualTypeOf<Json>()
  const settings = {} as DeepReadonly<{ meta: Json }>
  expectTypeOf(settings.meta).toEqualTypeOf<Json>()
  const object: JsonObject = {} as DeepReadonly<JsonObject>
  expectTypeOf(object).toEqualTypeOf<JsonObject>()
})

test('other recursive types are read-only at each level', () => {
  interface Tree {
    name: string
    children: Tree[]
    parent?: Tree | undefined
  }
  const tree = {} as DeepReadonly<Tree>
  expectTypeOf(tree.children[0]?.children[0]?.parent?.name).toEqualTypeOf<string | undefined>()
  // @ts-expect-error: read-only
  tree.children[0].children.push(tree)
})

test('unknown, any and never stay what they are; an index of any is read-only', () => {
  expectTypeOf<DeepReadonly<unknown>>().toEqualTypeOf<unknown>()
  // biome-ignore lint/suspicious/noExplicitAny: what untyped JSON is
  expectTypeOf<DeepReadonly<any>>().toBeAny()
  expectTypeOf<DeepReadonly<never>>().toEqualTypeOf<never>()
  // biome-ignore lint/suspicious/noExplicitAny: what untyped JSON is
  const record = {} as DeepReadonly<Record<string, any>>
  // @ts-expect-error: read-only
  record.name = 'x'
})

test('a generic wrapper may name it without knowing the type', () => {
  function first<T>(items: DeepReadonly<T[]>): DeepReadonly<T> | undefined {
    return items[0] as DeepReadonly<T> | undefined
  }
  expectTypeOf(first<{ a: string[] }>([])).toEqualTypeOf<{ readonly a: readonly string[] } | undefined>()
})
