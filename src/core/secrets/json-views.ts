import { copyOf, SecretCacheError } from '../failures/errors.js'
import { deepFreeze, parseJson, validate } from './json.js'
import type { StandardSchema } from './standard-schema.js'

/** What one schema made of a text. */
type View = { readonly schema: StandardSchema | undefined } & (
  | { state: 'good'; value: unknown; promise: Promise<unknown> }
  | { state: 'refused'; error: SecretCacheError }
  | { state: 'pending'; outcome: Promise<unknown> }
)

/** Code has one schema for a secret, seldom two; code that makes a new one for each read must not fill the memory. */
const mostViews = 4

/** The JSON of one version's text: parsed and validated once per schema, whether that went well or not. */
export class JsonViews {
  readonly #text: string
  readonly #name: string
  #views: View[] = []

  constructor(text: string, name: string) {
    this.#text = text
    this.#name = name
  }

  /** The same promise each time, or a rejection with an error of the reader's own. */
  promise(schema: StandardSchema | undefined, secretId: string): Promise<unknown> {
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

  /** The value itself. Throws if the schema refuses it or has not answered yet. */
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
          message: `The schema for ${this.#name} validates asynchronously and has not answered yet.`,
          secretId: this.#name,
          hint: 'Use getSecretJson, which waits for it.',
        })
    }
  }

  #view(schema: StandardSchema | undefined): View {
    // A loop: find() would make a function for each hit.
    for (const known of this.#views) if (known.schema === schema) return known
    const view = this.#make(schema)
    this.#keep(view)
    return view
  }

  #make(schema: StandardSchema | undefined): View {
    try {
      const json = parseJson(this.#text, this.#name)
      const value = schema === undefined ? deepFreeze(json) : validate(schema, json, this.#name)
      return value instanceof Promise ? this.#pending(schema, value) : good(schema, value)
    } catch (error) {
      return { schema, state: 'refused', error: error as SecretCacheError }
    }
  }

  #pending(schema: StandardSchema | undefined, outcome: Promise<unknown>): View {
    outcome.then(
      value => this.#keep(good(schema, value)),
      (error: SecretCacheError) => this.#keep({ schema, state: 'refused', error }),
    )
    return { schema, state: 'pending', outcome }
  }

  #keep(view: View): void {
    this.#views = [view, ...this.#views.filter(({ schema }) => schema !== view.schema)].slice(0, mostViews)
  }
}

function good(schema: StandardSchema | undefined, value: unknown): View {
  return { schema, state: 'good', value, promise: Promise.resolve(value) }
}
