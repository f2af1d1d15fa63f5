import { describe, expect, it } from 'vitest'
import { FakeSecretsManager } from '../../src/testing/index.js'

const fake = new FakeSecretsManager()
const passwordOf = (input: Record<string, unknown> = {}): string =>
  String(fake.perform('GetRandomPassword', input).RandomPassword)

const everyType = { lower: /[a-z]/, upper: /[A-Z]/, digit: /[0-9]/, punctuation: /[!-/:-@[-`{-~]/, space: / / }

function typesIn(password: string): string[] {
  return Object.entries(everyType)
    .filter(([, form]) => form.test(password))
    .map(([type]) => type)
}

describe('GetRandomPassword', () => {
  it('makes 32 characters of four types, another each time', () => {
    const password = passwordOf()
    expect(password).toHaveLength(32)
    expect(typesIn(password)).toEqual(['lower', 'upper', 'digit', 'punctuation'])
    expect(passwordOf()).not.toBe(password)
  })

  it.each([
    [{ ExcludeLowercase: true }, ['upper', 'digit', 'punctuation']],
    [{ ExcludeUppercase: true }, ['lower', 'digit', 'punctuation']],
    [{ ExcludeNumbers: true }, ['lower', 'upper', 'punctuation']],
    [{ ExcludePunctuation: true }, ['lower', 'upper', 'digit']],
    [{ IncludeSpace: true }, ['lower', 'upper', 'digit', 'punctuation', 'space']],
  ])('takes its characters from the types left by %j', (options, types) => {
    expect(typesIn(passwordOf({ PasswordLength: 500, ...options }))).toEqual(types)
  })

  it('includes each type though the password is as short as can be', () => {
    for (let time = 0; time < 50; time += 1) {
      expect(typesIn(passwordOf({ PasswordLength: 5, IncludeSpace: true }))).toHaveLength(5)
    }
  })

  it('puts the types in any order', () => {
    const orders = Array.from({ length: 100 }, () => [...passwordOf({ PasswordLength: 4 })].flatMap(typesIn).join(' '))
    expect(new Set(orders).size).toBeGreaterThan(1)
  })

  it('leaves out single characters, also in a shape that a pattern could misread', () => {
    const password = passwordOf({ PasswordLength: 4096, ExcludeCharacters: ':/@"\'\\a-z]^' })
    expect([...':/@"\'\\a-z]^'].filter(character => password.includes(character))).toEqual([])
    expect(typesIn(password)).toEqual(['lower', 'upper', 'digit', 'punctuation'])
  })

  it.each([
    [{ PasswordLength: 3 }, 'InvalidParameterException'],
    [{ PasswordLength: 4, IncludeSpace: true }, 'InvalidParameterException'],
    [{ ExcludeCharacters: '0123456789' }, 'InvalidParameterException'],
    [
      { ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true },
      'InvalidParameterException',
    ],
    [{ PasswordLength: 0 }, 'ValidationException'],
    [{ PasswordLength: 4097 }, 'ValidationException'],
    [{ PasswordLength: '32' }, 'SerializationException'],
    [{ IncludeSpace: 'yes' }, 'SerializationException'],
  ])('refuses %j', (input, name) => {
    expect(() => passwordOf(input)).toThrow(expect.objectContaining({ name }))
  })

  it.each([{ PasswordLength: 3 }, { ExcludeCharacters: '0123456789' }])('takes %j if not every type is required', input => {
    expect(passwordOf({ ...input, RequireEachIncludedType: false })).not.toBe('')
  })
})
