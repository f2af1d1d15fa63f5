import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isSecretCacheError, SecretCacheError } from '../core/failures/errors.js'
import { aFlag, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { SecretSource } from '../core/secrets/source.js'
import { completeClock } from '../core/time/clock.js'
import { FileWatch } from './file-watch.js'
import { labelEvent } from './label-event.js'
import { localAccount, localArn } from './local-arn.js'
import type { LocalSecret } from './local-secret.js'
import { LocalSecrets } from './local-secrets.js'
import { LocalService } from './local-service.js'
import { Overrides } from './overrides.js'
import { type FileForm, formOf } from './parse-secrets.js'
import { SecretFile } from './secret-file.js'

/** The options of `fileSource`. All are optional. */
export interface FileSourceOptions {
  /** Whether an edit of the file reaches the caches by itself, within a second. Otherwise it takes effect with the next load. @default true */
  watch?: boolean | undefined
  /**
   * The prefix of environment variables that replace secrets: with `SECRET_`, the value of `SECRET_PROD_DB` replaces that of `prod/db`, in
   * upper case and with an underscore for every character that is neither a letter nor a digit. The file need not have the secret. An empty
   * variable counts as not set.
   * @default none
   */
  env?: string | undefined
  /** Whether the source may be used with NODE_ENV=production and in Lambda functions. @default false */
  allowInProduction?: boolean | undefined
}

const aPrefix: OptionRule = value =>
  typeof value === 'string' && /^[A-Za-z_]\w*$/.test(value) ? undefined : 'the prefix of environment variables, such as SECRET_'

const rules: Readonly<Record<keyof FileSourceOptions, OptionRule>> = { watch: aFlag, env: aPrefix, allowInProduction: aFlag }

/**
 * Creates a source that reads secrets from a file, for development and tests without AWS.
 *
 * The file is a JSON object of secrets by name, where a value that is not a string is the JSON of its secret, or a `.env` file. An edit is
 * a rotation: the new value is AWSCURRENT and the one before AWSPREVIOUS, and pools move over as they do in production. If the file is
 * missing or malformed, reads fail with ERR_SECRET_CONFIG, and what the cache holds is served meanwhile.
 *
 * Throws ERR_SECRET_CONFIG in production and in Lambda functions, unless `allowInProduction` is set, and a TypeError for wrong options.
 *
 * @example
 * const secrets = new SecretCache({ source: fileSource('secrets.json') })
 * const { password } = await secrets.getSecretJson<{ password: string }>('prod/db')
 */
export function fileSource(file: string | URL, options: FileSourceOptions = {}): SecretSource {
  const { path, form } = checkFile(file)
  checkOptions('fileSource', options, rules)
  const { watch = true, env, allowInProduction = false } = options
  if (!allowInProduction) refuseProduction()

  const clock = completeClock()
  const overrides = new Overrides(env)
  const secrets = new LocalSecrets(overrides)
  const service = new LocalService(path, secrets, overrides)
  const secretFile = new SecretFile(path, form, clock)
  let listeners: ((event: unknown) => void)[] = []
  let closed = 0
  let begun = 0
  let newest = 0
  /** Whether a cache may know something else than the file contains now: earlier contents, or an error. */
  let mayBeKnown = false

  async function look(signal: AbortSignal, isPatient = false): Promise<void> {
    begun += 1
    const number = begun
    try {
      const contents = await secretFile.read(signal, isPatient)
      // A look that began later has seen the file at least as late.
      if (number < newest) return
      newest = number
      const changed = secrets.update(contents)
      if (mayBeKnown) for (const secret of changed) announce(secret)
    } finally {
      mayBeKnown = true
    }
  }

  function announce({ name, arns, isRemoved, versionId }: LocalSecret): void {
    const version = isRemoved ? undefined : versionId
    for (const arn of new Set([localArn(name), ...arns]))
      for (const tell of listeners) tell(labelEvent(arn, { name, versionId: version }))
  }

  /** Until the next load, nothing else would tell that an edit has no effect. Before the first one, readers get the error. */
  function warn(error: unknown): void {
    if (!secrets.isRead || !isSecretCacheError(error)) return
    const message = `${error.message} Until that is corrected, the values that were read before stay in use.`
    process.emitWarning(message, { code: 'AWSCURRENT_FILE_BROKEN' })
  }

  const watching = new FileWatch(clock, { look: signal => look(signal, true), onBroken: warn })
  return {
    singleAttempt: true,
    accountId: localAccount,
    async get(request, { signal }) {
      await look(signal)
      return service.answer(request)
    },
    async getMany(secretIds, { signal }) {
      await look(signal)
      return service.answerMany(secretIds)
    },
    subscribe(onEvent) {
      if (!watch) return
      listeners.push(onEvent)
      watching.start()
    },
    close() {
      // Each cache that shares the source closes it once. A closed one ignores events until the last is closed too.
      closed += 1
      if (closed < listeners.length) return
      watching.stop()
      listeners = []
      closed = 0
    },
  }
}

function checkFile(file: unknown): { path: string; form: FileForm } {
  const isUrl = file instanceof URL
  if (isUrl ? file.protocol !== 'file:' : typeof file !== 'string' || file === '')
    throw new TypeError('fileSource takes the path of a file, or its file: URL.')
  const path = isUrl ? fileURLToPath(file) : resolve(file as string)
  const form = formOf(path)
  if (form === undefined)
    throw new TypeError('The name of the file for fileSource must end in .json or .env, or begin with .env.')
  return { path, form }
}

function refuseProduction(): void {
  const { NODE_ENV, AWS_LAMBDA_FUNCTION_NAME } = process.env
  const where = NODE_ENV === 'production' ? 'NODE_ENV is production' : AWS_LAMBDA_FUNCTION_NAME && 'this is a Lambda function'
  if (!where) return
  throw new SecretCacheError({
    code: 'ERR_SECRET_CONFIG',
    message: `fileSource is for development and tests, but ${where}.`,
    hint: 'Create the cache without it there, so that it reads from Secrets Manager, or pass { allowInProduction: true }.',
  })
}
