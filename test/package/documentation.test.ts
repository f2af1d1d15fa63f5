import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { entries } from '../../.ci/entries.js'
import { publicMembers } from './documented.js'

const members = publicMembers()

test.each(entries)('every public member of $specifier says what it is', ({ specifier }) => {
  const own = members.filter(member => member.specifier === specifier)
  expect(own.length).toBeGreaterThan(0)
  expect(own.filter(({ documented }) => !documented).map(({ name }) => name)).toEqual([])
})

test('every function that is exported has an example', () => {
  const functions = members.filter(({ isFunction }) => isFunction)
  expect(functions.length).toBeGreaterThan(20)
  expect(functions.filter(({ examples }) => examples.length === 0).map(({ name }) => name)).toEqual([])
})

const examples = members.flatMap(({ name, specifier, examples }) => examples.map(code => ({ name, specifier, code })))

test('the examples compile as they stand in an editor, with nothing but the imports added', () => {
  expect(examples.length).toBeGreaterThan(10)
  expect(compile(examples.map(withImports))).toBe('')
})

test('an example that asks for what there is not fails to compile', () => {
  const code = 'await secrets.getSecretText("id")'
  expect(compile([withImports({ specifier: 'awscurrent', code })])).toContain('getSecretText')
})

/** Imports whatever of the entry an example names and neither imports nor declares. */
function withImports({ specifier, code }: { specifier: string; code: string }): string {
  const names = members
    .filter(member => [specifier, 'awscurrent'].includes(member.specifier) && !member.name.includes('.'))
    .filter(({ name }) => new RegExp(`\\b${name}\\b`).test(code) && !new RegExp(`import .*\\b${name}\\b`).test(code))
  const imports = names.map(member => `import { ${member.name} } from '${member.specifier}'`)
  return `${imports.join('\n')}\n${code}\nexport {}\n`
}

/** Compiles modules that are in no file; answers what the compiler has against them. */
function compile(texts: readonly string[]): string {
  const folder = process.cwd()
  const config = ts.parseJsonConfigFileContent(ts.readConfigFile('tsconfig.json', ts.sys.readFile).config, ts.sys, folder)
  const off = { declaration: false, verbatimModuleSyntax: false, isolatedDeclarations: false, erasableSyntaxOnly: false }
  // As in applications of NestJS.
  const options = { ...config.options, ...off, experimentalDecorators: true }
  const files = new Map(texts.map((text, index) => [join(folder, `test/package/example-${index}.ts`), text]))
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = file => files.has(file) || fileExists.call(host, file)
  host.readFile = file => files.get(file) ?? readFile.call(host, file)
  host.getSourceFile = (file, ...rest) => {
    const text = files.get(file)
    return text === undefined ? getSourceFile.call(host, file, ...rest) : ts.createSourceFile(file, text, ts.ScriptTarget.ES2023)
  }
  const program = ts.createProgram([...files.keys(), join(folder, 'test/package/readme-globals.d.ts')], options, host)
  const wrong = [...files.keys()].flatMap(file => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
  return wrong
    .map(({ file, messageText }) => `${ts.flattenDiagnosticMessageText(messageText, '\n')}\n${file?.text ?? ''}`)
    .join('\n')
}
