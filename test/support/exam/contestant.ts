import type { FakeSecretsManager } from '../../../src/testing/index.js'
import type { Client } from './accounted-service.js'

/** One who takes the exam: a way to have a pool of connections whose credentials rotate. */
export interface Contestant {
  name: string
  open(setting: Setting): Promise<ExamPool>
}

/** What a contestant has to work with. */
export interface Setting {
  /** The secret of the database user, in the form that Secrets Manager uses. */
  secretId: string
  /** A client of Secrets Manager, to be called like the SDK's. */
  client: Client
  /** The same service, for whoever needs it over HTTP. */
  fake: FakeSecretsManager
  /** The certificate of the database server. */
  ca: string
  /** Where the pool goes, without TLS, if not where the secret says. */
  endpoint: { host: string; port: number } | undefined
  /** Whether AWSPENDING is to be tried, by who can. */
  tryPending: boolean
  /** How many connections the pool may have. */
  size: number
  /** How long a secret may be taken for fresh; undefined for the contestant's own default. */
  ttlMs: number | undefined
}

/** What a statement answers: its rows. */
export type Rows = readonly Readonly<Record<string, unknown>>[]

/** Sends a statement with its values. */
type Send = (statement: string, values?: readonly unknown[]) => Promise<Rows>

/** The pool of a contestant. */
export interface ExamPool {
  query: Send
  /** Sends a statement that the server prepares. */
  prepared: Send
  /** Runs `work` in a transaction and commits it; rolls it back if `work` fails. */
  transaction(work: (send: Send) => Promise<void>): Promise<void>
  /** Hears that AWSCURRENT has moved, if the contestant can. */
  hear?(event: unknown): unknown
  close(): Promise<void>
}
