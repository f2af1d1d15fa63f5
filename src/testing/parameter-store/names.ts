import { ServiceError } from '../service-error.js'
import { validation } from './errors.js'

/** A parameter as a read names it. */
export interface WantedParameter {
  /** The name without its leading slash, by which the store finds the parameter: `foo` and `/foo` are one. */
  readonly key: string
  /** The name as it was asked for, which the response repeats; none if it was asked for by its ARN. */
  readonly name?: string
  /** A version or a label, without the colon. */
  readonly selector?: string
}

/** Where a parameter is, as in its ARN. */
export interface Place {
  readonly region: string
  readonly accountId: string
}

const arnForm = /^arn:[^:]+:ssm:([^:]*):(\d*):parameter\/([^:]+)(?::([^:]+))?$/
const plainForm = /^[A-Za-z0-9_.-]+$/
const pathForm = /^(\/[A-Za-z0-9_.-]+)+$/
const mostLevels = 15

const pathRules =
  'If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_'
const badName = `Parameter name: can't be prefixed with "ssm" (case-insensitive). ${pathRules}`

/** The message has two spaces in the service too. */
const badSelector = 'Invalid parameter name. Please use correct syntax for referencing a version/label  <name>:<version/label>'

/** The name without its leading slash. */
export function keyOf(name: string): string {
  return name.startsWith('/') ? name.slice(1) : name
}

/** Separates a selector from a name that has no other colon. */
export function splitSelector(name: string): { name: string; selector?: string } {
  const [plain = '', selector, ...others] = name.split(':')
  if (others.length > 0 || selector === '') throw validation(badSelector)
  return selector === undefined ? { name: plain } : { name: plain, selector }
}

/** The name of a read, which may be an ARN and may have a selector. Undefined if the ARN is of another account or Region. */
export function wantedParameter(id: string, { region, accountId }: Place): WantedParameter | undefined {
  if (id.startsWith('arn:')) {
    const [form, arnRegion, account, key = '', selector] = arnForm.exec(id) ?? []
    if (form === undefined) throw validation(badSelector)
    if (arnRegion !== region || account !== accountId) return undefined
    return selector === undefined ? { key } : { key, selector }
  }
  const { name, selector } = splitSelector(id)
  const key = keyOf(checkName(name))
  return selector === undefined ? { key, name } : { key, name, selector }
}

/** Checks a name that can be no ARN and has no selector; all operations but those that read take only such names. */
export function checkName(name: string): string {
  if (!(plainForm.test(name) || pathForm.test(name)) || /^\/?ssm/i.test(name)) throw validation(badName)
  return name
}

/** Checks the name of a parameter to write. */
export function checkNewName(name: string): string {
  const isPath = name.lastIndexOf('/') > 0
  // The service reserves the beginning of the name, not only its first level.
  if (isPath && /^\/aws/i.test(name)) {
    throw new ServiceError('AccessDeniedException', `No access to reserved parameter name: ${name}.`)
  }
  if (!isPath && /^\/?(aws|ssm)/i.test(name)) {
    throw validation(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`)
  }
  if (isPath && !name.startsWith('/')) throw validation('Parameter name must be a fully qualified name.')
  checkName(name)
  if (keyOf(name).split('/').length > mostLevels) {
    throw new ServiceError('HierarchyLevelLimitExceededException', `A hierarchy can have a maximum of ${mostLevels} levels.`)
  }
  return name
}

/** The path of a hierarchy as the beginning of the keys below it: `/app` is `app/`, and `/` is empty. */
export function keysBelow(path: string): string {
  const bare = path.replace(/\/$/, '')
  if (bare === '' ? path === '/' : pathForm.test(bare) && !/^\/ssm/i.test(bare)) return bare === '' ? '' : `${keyOf(bare)}/`
  throw validation(
    'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with \\"aws\\" or \\"ssm\\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
  )
}

/** Whether two ids, each a name or an ARN with or without a selector, are of one parameter. */
export function isSameParameter(left: string, right: string): boolean {
  return bareKey(left) === bareKey(right)
}

function bareKey(id: string): string {
  const path = arnForm.exec(id)?.[3] ?? id.trim().replace(/:.*$/, '')
  return keyOf(path)
}
