import { SecretCacheError } from '../failures/errors.js'

/** The parts of a full or partial ARN of a secret, or of the ARN of a parameter. */
export interface SecretArn {
  region: string
  account: string
  /** The name: in the full ARN of a secret followed by a hyphen and six random characters, of a parameter without its first slash. */
  resource: string
}

const arnForm = /^arn:[a-z0-9-]+:(?:secretsmanager|ssm):([a-z0-9-]+):(\d{12}):(?:secret:|parameter\/)([^:\s]+)$/

/** The length of the suffix that Secrets Manager adds to a name in a full ARN: a hyphen and six random characters. */
const suffixLength = 7

/** The longest id that the service accepts. */
const longestId = 2048

export function isArn(secretId: string): boolean {
  return secretId.startsWith('arn:')
}

/** Whether an ARN is one of Parameter Store: nothing is added to its name, and each Region has parameters of its own. */
export function isParameterArn(arn: string): boolean {
  return arn.includes(':ssm:')
}

/** Parses the ARN of a secret or of a parameter; undefined if it is none. */
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

/** The name in a full ARN. */
export function nameInFullArn(fullArn: string): string {
  return parseSecretArn(partialArnOf(fullArn))?.resource ?? ''
}

/** A full ARN without its random suffix. */
export function partialArnOf(fullArn: string): string {
  return isParameterArn(fullArn) ? fullArn : fullArn.slice(0, -suffixLength)
}

/** Identifies a secret and its replicas, which differ only in the Region: the account, name and suffix of the full ARN. */
export function identityOf(fullArn: string): string {
  const arn = parseSecretArn(fullArn)
  return arn === undefined || isParameterArn(fullArn) ? fullArn : `${arn.account}:${arn.resource}`
}

/** The part that the full and the partial ARN of a secret have in common, in any Region. */
export function accountAndName(fullArn: string): string {
  return partialArnOf(identityOf(fullArn))
}

/** Whether two full ARNs are of the same secret, in any Region. An ARN that is not known yet matches none. */
export function isSameSecret(oneArn: string | undefined, otherArn: string): boolean {
  return identityOf(oneArn ?? '') === identityOf(otherArn)
}

/** Whether `id` is the partial form of `fullArn`. */
export function isPartialArnOf(id: string, fullArn: string): boolean {
  return id === partialArnOf(fullArn)
}

/** Whether `askedId` refers to this secret: by its name, or by an ARN in any Region. */
export function isMeant(askedId: string, { arn, name }: { arn: string; name: string }): boolean {
  return askedId === name || [identityOf(arn), accountAndName(arn)].includes(identityOf(askedId))
}

const isItSet = 'Is the environment variable that should hold it set?'

/** Throws ERR_SECRET_REQUEST unless `secretId` can be the id of a secret or, if `mayBeParameter`, of a parameter. */
export function checkSecretId(secretId: unknown, mayBeParameter = true): asserts secretId is string {
  if (typeof secretId !== 'string') throw refused(`A secret id must be a string, not ${typeOf(secretId)}.`, isItSet)
  if (secretId === '') throw refused('The secret id is empty.', isItSet)
  if (secretId.length > longestId) {
    throw refused(`The secret id has ${secretId.length} characters; Secrets Manager accepts at most ${longestId}.`)
  }
  if (isArn(secretId) && (parseSecretArn(secretId) === undefined || (!mayBeParameter && isParameterArn(secretId)))) {
    const form =
      'It reads arn:aws:secretsmanager:<region>:<account>:secret:<name>-<six characters>; what follows those is for resolve().'
    throw refused(`${secretId} is not the ARN of a secret.`, form, secretId)
  }
}

function refused(message: string, hint?: string, secretId?: string): SecretCacheError {
  return new SecretCacheError({ code: 'ERR_SECRET_REQUEST', message, hint, secretId })
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value
}

const suffixForm = /-[A-Za-z0-9]{6}$/

/** Whether an ARN ends like a full one. The name in a partial ARN may end like that too. */
export function looksLikeFullArn(arn: string): boolean {
  return suffixForm.test(arn) || isParameterArn(arn)
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

/** The names that an id may stand for: a full ARN looks like the partial ARN of a longer name. A parameter has two with and without a slash. */
function namesIn(secretId: string): string[] {
  const resource = parseSecretArn(secretId)?.resource ?? secretId.replace(/^\//, '')
  return looksLikeFullArn(secretId) ? [resource, nameInFullArn(secretId)] : [resource]
}
