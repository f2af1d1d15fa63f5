import { copyOf, SecretCacheError } from '../failures/errors.js'
import { frozenCopy } from './frozen-copy.js'
import { parseJson, validate } from './json.js'
import { isStandardSchema, type StandardSchema } from './standard-schema.js'

/** The result of one schema for a text. */
type View =
  | { readonly state: 'good'; readonly value: unknown; readonly promise: Promise<unknown> }
  | { readonly state: 'refused'; readonly error: SecretCacheError }
  | { readonly state: 'pending'; readonly outcome: Promise<unknown> }

interface First {
  readonly schema: StandardSchema | undefined
  readonly view: View
  /** The promise of a good view, which almost every read returns. */
  readonly promise: Promise<unknown> | undefined
}

/** The JSON of one version's text, parsed and validated once per schema. A failure is kept too. */
export class JsonViews {
  readonly #text: string
  readonly #name: string
  /** The first schema that was used, most often the only one, is kept apart: finding it costs one comparison and no map lookup. */
  #first: First | undefined
  /** Weak, so that a schema that is created anew for each read can be collected, along with its result. */
  #others: WeakMap<StandardSchema, View> | undefined

  constructor(text: string, name: string) {
    this.#text = text
    this.#name = name
  }

  /** Returns the same promise each time, or a rejection with a new copy of the error that names the caller's id. */
  promise(schema: StandardSchema | undefined, secretId: string): Promise<unknown> {
    const first = this.#first
    if (first?.promise !== undefined && first.schema === schema) return first.promise
    const view = this.#view(schema)
    switch (view.state) {
      case 'good':
        return view.promise
      case 'refused':
        return Promise.reject(copyOf(view.error, secretId))
      case 'pending':
        return view.outcome.catch((error: SecretCacheError) => {
          throw copyOf(error, secretId)
        })
    }
  }

  /** The value itself. Throws if the schema rejects it or has not finished yet. */
  now(schema: StandardSchema | undefined): unknown {
    const view = this.#view(schema)
    switch (view.state) {
      case 'good':
        return view.value
      case 'refused':
        throw copyOf(view.error)
      case 'pending':
        throw new SecretCacheError({
          code: 'ERR_SECRET_SCHEMA',
          message: `The schema for ${this.#name} validates asynchronously and has not finished yet.`,
          secretId: this.#name,
          hint: 'Use getSecretJson, which waits for it.',
        })
    }
  }

  #view(schema: StandardSchema | undefined): View {
    if (this.#first !== undefined && this.#first.schema === schema) return this.#first.view
    return this.#others?.get(keyOf(schema)) ?? this.#keep(schema, this.#make(schema))
  }

  #make(schema: StandardSchema | undefined): View {
    try {
      const json = parseJson(this.#text, this.#name)
      const value = schema === undefined ? frozenCopy(json) : validate(schema, json, this.#name)
      return value instanceof Promise ? this.#pending(schema, value) : good(value)
    } catch (error) {
      return { state: 'refused', error: error as SecretCacheError }
    }
  }

  #pending(schema: StandardSchema | undefined, outcome: Promise<unknown>): View {
    outcome.then(
      value => this.#keep(schema, good(value)),
      (error: SecretCacheError) => this.#keep(schema, { state: 'refused', error }),
    )
    return { state: 'pending', outcome }
  }

  #keep(schema: StandardSchema | undefined, view: View): View {
    if (this.#first === undefined || this.#first.schema === schema)
      this.#first = { schema, view, promise: view.state === 'good' ? view.promise : undefined }
    else if (schema === undefined || isStandardSchema(schema)) {
      this.#others ??= new WeakMap()
      this.#others.set(keyOf(schema), view)
    }
    return view
  }
}

/** The key of the reads without a schema: a WeakMap needs an object. */
const withoutSchema = {} as StandardSchema

function keyOf(schema: StandardSchema | undefined): StandardSchema {
  return schema === undefined ? withoutSchema : schema
}

function good(value: unknown): View {
  return { state: 'good', value, promise: Promise.resolve(value) }
}
