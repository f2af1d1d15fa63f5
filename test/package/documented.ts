import { resolve } from 'node:path'
import ts from 'typescript'
import { type Entry, entries } from '../../.ci/entries.js'

/** A public member, such as `Secret.arn`. */
export interface Member {
  /** The import path that it is found by first. */
  specifier: string
  name: string
  /** Whether it is exported and can be called. */
  isFunction: boolean
  documented: boolean
  /** The code of its `@example` tags and of its fenced blocks. */
  examples: readonly string[]
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
}

/** All that users see of the entries: what each exports, and the members of that which are written in this package. */
export function publicMembers(): Member[] {
  const program = ts.createProgram(
    entries.map(({ source }) => resolve(source)),
    options,
  )
  const checker = program.getTypeChecker()
  const seen = new Set<ts.Symbol>()
  return entries.flatMap(entry => membersOfEntry(entry, program, checker, seen))
}

function membersOfEntry(entry: Entry, program: ts.Program, checker: ts.TypeChecker, seen: Set<ts.Symbol>): Member[] {
  const file = program.getSourceFile(resolve(entry.source))
  const module = file && checker.getSymbolAtLocation(file)
  if (module === undefined) throw new Error(`${entry.source} is no module.`)
  return checker.getExportsOfModule(module).flatMap(exported => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    return [symbol, ...membersOf(symbol, checker)]
      .filter(member => !seen.has(member) && isPublic(member))
      .map(member => {
        seen.add(member)
        const name = member === symbol ? exported.name : `${exported.name}.${member.name}`
        const isFunction = member === symbol && (symbol.flags & ts.SymbolFlags.Function) !== 0
        return { specifier: entry.specifier, name, isFunction, ...documentationOf(member, checker) }
      })
  })
}

/** The members of an interface or a class, inherited ones too. */
function membersOf(symbol: ts.Symbol, checker: ts.TypeChecker): readonly ts.Symbol[] {
  if ((symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class)) === 0) return []
  return checker.getDeclaredTypeOfSymbol(symbol).getProperties()
}

function isPublic(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? []
  if (declaration === undefined || !declaration.getSourceFile().fileName.includes('/src/')) return false
  if (ts.isTypeParameterDeclaration(declaration) || ts.isConstructorDeclaration(declaration)) return false
  if (ts.isCallSignatureDeclaration(declaration)) return false
  const name = ts.getNameOfDeclaration(declaration)
  if (name !== undefined && ts.isPrivateIdentifier(name)) return false
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) === 0 && !isInternal(declaration)
}

function isInternal(declaration: ts.Declaration): boolean {
  return ts.getJSDocTags(declaration).some(({ tagName }) => tagName.text === 'internal')
}

function documentationOf(symbol: ts.Symbol, checker: ts.TypeChecker): Pick<Member, 'documented' | 'examples'> {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker))
  const tags = symbol.getJsDocTags(checker)
  const tagged = tags.filter(tag => tag.name === 'example').map(tag => ts.displayPartsToString(tag.text))
  const fenced = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code)
  // An option that `@default` explains in full needs no more words.
  return { documented: text !== '' || tags.some(tag => tag.name === 'default'), examples: [...tagged, ...fenced] }
}
