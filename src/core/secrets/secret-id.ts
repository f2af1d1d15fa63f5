import { SecretCacheError } from '../failures/errors.js'

/** The parts of a full or partial ARN of a secret. */
export interface SecretArn {
  region: string
  account: string
  /** The name, followed in a full ARN by a hyphen and six random characters. */
  resource: string
}

const arnForm = /^arn:[a-z0-9-]+:secretsmanager:([a-z0-9-]+):(\d{12}):secret:([^:\s]+)$/

/** The length of the suffix that Secrets Manager adds to a name in a full ARN: a hyphen and six random characters. */
const suffixLength = 7

/** The longest id that the service accepts. */
const longestId = 2048

export function isArn(secretId: string): boolean {
  return secretId.startsWith('arn:')
}

/** Parses the ARN of a secret; undefined if it is none. */
export function parseSecretArn(arn: string): SecretArn | undefined {
  const parts = arnForm.exec(arn)
  if (parts === null) return undefined
  const [, region, account, resource] = parts as unknown as [string, string, string, string]
  return { region, account, resource }
}

/** The ARN of a secret's replica in a Region: only the Region differs. Returns other text unchanged. */
export function inRegion(arn: string, region: string): string {
  return arn.replace(/^(arn:[^:]*:secretsmanager:)[^:]*/, (_, head: string) => head + region)
}

/** The name in the resource part of a full ARN. */
export function nameInFullArn(resource: string): string {
  return resource.slice(0, -suffixLength)
}

/** A full ARN without its random suffix. */
export function partialArnOf(fullArn: string): string {
  return fullArn.slice(0, -suffixLength)
}

/** Identifies a secret and its replicas, which differ only in the Region: the account, name and suffix of the full ARN. */
export function identityOf(fullArn: string): string {
  const arn = parseSecretArn(fullArn)
  return arn === undefined ? fullArn : `${arn.account}:${arn.resource}`
}

/** Whether two full ARNs are of the same secret, in any Region. An ARN that is not known yet matches none. */
export function isSameSecret(oneArn: string | undefined, otherArn: string): boolean {
  return identityOf(oneArn ?? '') === identityOf(otherArn)
}

/** Whether `id` is the partial form of `fullArn`. */
export function isPartialArnOf(id: string, fullArn: string): boolean {
  return id.length === fullArn.length - suffixLength && fullArn.startsWith(id)
}

/** Whether `askedId` refers to this secret: by its name, or by an ARN in any Region. */
export function isMeant(askedId: string, { arn, name }: { arn: string; name: string }): boolean {
  const here = inRegion(askedId, parseSecretArn(arn)?.region ?? '')
  return askedId === name || here === arn || isPartialArnOf(here, arn)
}

const isItSet = 'Is the environment variable that should hold it set?'

/** Throws ERR_SECRET_REQUEST unless `secretId` can be the id of a secret. */
export function checkSecretId(secretId: unknown): asserts secretId is string {
  if (typeof secretId !== 'string') throw refused(`A secret id must be a string, not ${typeOf(secretId)}.`, isItSet)
  if (secretId === '') throw refused('The secret id is empty.', isItSet)
  if (secretId.length > longestId) {
    throw refused(`The secret id has ${secretId.length} characters; Secrets Manager accepts at most ${longestId}.`)
  }
  if (isArn(secretId) && parseSecretArn(secretId) === undefined) {
    throw new SecretCacheError({
      code: 'ERR_SECRET_REQUEST',
      message: `${secretId} is not the ARN of a secret.`,
      secretId,
      hint: 'It reads arn:aws:secretsmanager:<region>:<account>:secret:<name>-<six characters>; what follows those is for resolve().',
    })
  }
}

function refused(message: string, hint?: string): SecretCacheError {
  return new SecretCacheError({ code: 'ERR_SECRET_REQUEST', message, hint })
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value
}

const suffixForm = /-[A-Za-z0-9]{6}$/

/** Whether an ARN ends like a full one. The name in a partial ARN may end like that too. */
export function looksLikeFullArn(arn: string): boolean {
  return suffixForm.test(arn)
}

/** The partial ARN that finds the secret of a full ARN. Empty if it looks like a full ARN, because then it finds another secret. */
export function partialArnsOf(fullArn: string): string[] {
  const partialArn = partialArnOf(fullArn)
  return looksLikeFullArn(partialArn) ? [] : [partialArn]
}

/** Whether two ids may be of the same secret, judged by their form. Plain names belong to `ownAccount`, once that is known. */
export function mayBeOfOne(oneId: string, otherId: string, ownAccount: string | undefined): boolean {
  const [account, otherAccount] = [oneId, otherId].map(id => parseSecretArn(id)?.account ?? ownAccount)
  if (account !== undefined && otherAccount !== undefined && account !== otherAccount) return false
  const others = namesIn(otherId)
  return namesIn(oneId).some(name => others.includes(name))
}

/** The names that an id may stand for: a full ARN looks like the partial ARN of a longer name. */
function namesIn(secretId: string): string[] {
  const resource = parseSecretArn(secretId)?.resource
  if (resource === undefined) return [secretId]
  return looksLikeFullArn(secretId) ? [resource, nameInFullArn(resource)] : [resource]
}
