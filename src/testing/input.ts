import { invalidMember, invalidName, ServiceError } from './service-error.js'

/** The input of an operation as it was received. The functions here read its members, and throw the errors of the service. */
export type Input = Readonly<Record<string, unknown>>

/** A string, if present. */
export function text(input: Input, member: string): string | undefined {
  return read(input, member, 'a string', value => typeof value === 'string')
}

/** A required string of 1 to `longest` characters. */
export function requiredText(input: Input, member: string, longest: number): string {
  const value = text(input, member)
  if (value === undefined) throw invalidMember(member, 'not be null')
  return checkLength(member, value, 1, longest)
}

/** The name of a secret to create. */
export function nameOf(input: Input): string {
  return checkName(requiredText(input, 'Name', 512))
}

/** The name or the ARN, which most operations require. */
export function secretIdOf(input: Input): string {
  const secretId = requiredText(input, 'SecretId', 2048)
  return secretId.startsWith('arn:') ? secretId : checkName(secretId)
}

/** The id of a version, or the token that becomes one, if present. */
export function versionIdOf(input: Input, member: string): string | undefined {
  const versionId = text(input, member)
  return versionId === undefined ? undefined : checkLength(member, versionId, 32, 64)
}

/** A boolean, if present. */
export function flag(input: Input, member: string): boolean | undefined {
  return read(input, member, 'a boolean', value => typeof value === 'boolean')
}

/** A whole number from `least` to `most`, if present. */
export function whole(input: Input, member: string, least: number, most: number): number | undefined {
  const value = read(input, member, 'a whole number', (found): found is number => Number.isInteger(found))
  if (value === undefined) return undefined
  if (value < least) throw invalidMember(member, `have value greater than or equal to ${least}`)
  if (value > most) throw invalidMember(member, `have value less than or equal to ${most}`)
  return value
}

/** A blob, if present. */
export function bytes(input: Input, member: string): Uint8Array | undefined {
  return read(input, member, 'a blob', value => value instanceof Uint8Array)
}

/** A list of 1 to `most` strings, if present. */
export function texts(input: Input, member: string, most: number): string[] | undefined {
  const value = read(input, member, 'a list of strings', isTexts)
  if (value === undefined) return undefined
  if (value.length === 0) throw invalidMember(member, 'have length greater than or equal to 1')
  if (value.length > most) throw invalidMember(member, `have length less than or equal to ${most}`)
  return value
}

/** A list of structures, if present. */
export function records(input: Input, member: string): Input[] | undefined {
  return read(input, member, 'a list of structures', isRecords)
}

/** A structure, if present. */
export function record(input: Input, member: string): Input | undefined {
  return read(input, member, 'a structure', isRecord)
}

/** Whether a value has members and is not a list. */
export function isRecord(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Allows the exclamation mark: it is in the names of secrets that AWS services manage. */
function checkName(name: string): string {
  if (!/^[A-Za-z0-9/_+=.@!-]+$/.test(name)) throw invalidName()
  return name
}

function checkLength(member: string, value: string, shortest: number, longest: number): string {
  if (value.length < shortest) throw invalidMember(member, `have length greater than or equal to ${shortest}`)
  if (value.length > longest) throw invalidMember(member, `have length less than or equal to ${longest}`)
  return value
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string')
}

function isRecords(value: unknown): value is Input[] {
  return Array.isArray(value) && value.every(isRecord)
}

function read<T>(input: Input, member: string, expected: string, is: (value: unknown) => value is T): T | undefined {
  const value = input[member]
  if (value === undefined || value === null) return undefined
  if (!is(value)) throw new ServiceError('SerializationException', `${member} must be ${expected}`)
  return value
}
