import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path/posix'
import {
  Application,
  type Context,
  Converter,
  type DeclarationReflection,
  DefaultTheme,
  DocumentReflection,
  IndexEvent,
  KindRouter,
  MinimalSourceFile,
  type NavigationElement,
  type NormalizedPath,
  normalizePath,
  type PageDefinition,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
  TSConfigReader,
} from 'typedoc'
import { entries } from './entries.js'

// Makes the documentation site of the README, the pages that docs/README.md lists, the API reference, and a page for each file or folder
// of sources that one of them links to. Usage: tsx .ci/site.ts [output folder]

/** A group of pages, as docs/README.md lists them. */
interface PageGroup {
  title: string
  links: { text: string; path: string }[]
}

/** Reads the groups of docs/README.md: each has a title in bold type and a list whose items begin with a link. */
function readGroups(): PageGroup[] {
  const sections = readFileSync('docs/README.md', 'utf8').split(/^(?=\*\*)/m)
  return sections.flatMap(section => {
    const [, title] = /^\*\*(.+)\*\*$/m.exec(section) ?? []
    const links = [...section.matchAll(/^- \[(.+?)\]\((.+?)\)/gm)].map(([, text, link]) => ({
      text: text!,
      path: join('docs', link!),
    }))
    return title === undefined ? [] : [{ title, links }]
  })
}

const languages: Record<string, string> = {
  md: 'markdown',
  mjs: 'javascript',
  tf: 'hcl',
  ts: 'typescript',
  tsx: 'tsx',
  yaml: 'yaml',
  yml: 'yaml',
}

const extensionOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1)
const absolute = (path: string): NormalizedPath => normalizePath(resolve(path))

/** A source file as Markdown. */
function showFile(path: string): string {
  const fence = '`````'
  return `${fence}${languages[extensionOf(path)] ?? 'text'}\n${readFileSync(path, 'utf8').trimEnd()}\n${fence}\n`
}

const isData = (path: string): boolean => extensionOf(path) === 'json'
const isPicture = (path: string): boolean => ['png', 'svg'].includes(extensionOf(path))

/** All files of a folder as Markdown: pictures, links to data, and the text of the others. */
function showFolder(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    file => !file.includes('node_modules') && statSync(join(folder, file)).isFile(),
  )
  const show = (file: string): string => {
    if (isPicture(file)) return `![${file}](./${file})\n`
    return isData(file) ? '' : showFile(join(folder, file))
  }
  const heading = (file: string): string => (isData(file) ? `[${file}](./${file})` : file)
  return files
    .sort()
    .map(file => `## ${heading(file)}\n\n${show(file)}`)
    .join('\n')
}

/** The path in the repository of what each page shows that is not of the API. */
const pathOf = new Map<Reflection, string>()
const sourcePages = new Set<Reflection>()

/** Adds a page of Markdown; links to the path lead to it. */
function addPage({ converter, project }: Context, path: string, text: string): DocumentReflection {
  const title = /^# (.+)$/m.exec(text)![1]!.replaceAll('`', '')
  // Links from the page of a folder start in that folder.
  const file = new MinimalSourceFile(text, absolute(statSync(path).isDirectory() ? join(path, 'index.md') : path))
  const { content, frontmatter } = converter.parseRawComment(file, project.files)
  const page = new DocumentReflection(title, project, content, frontmatter)
  project.addChild(page)
  project.registerReflection(page, undefined, absolute(path))
  pathOf.set(page, path)
  return page
}

/** What pages link to in the repository and is no page yet. Pictures and data need none: they are copied as they are. */
function linkedSources(project: ProjectReflection): string[] {
  const paths = [...project.files.getMediaPaths()].map(path => relative('.', path))
  return paths.filter(path => !isData(path) && !isPicture(path))
}

const groups = readGroups()

function addPages(context: Context): void {
  for (const path of ['docs/README.md', ...groups.flatMap(({ links }) => links.map(({ path }) => path))]) {
    const page = addPage(context, path, readFileSync(path, 'utf8'))
    // Above what the API has to the same words.
    page.relevanceBoost = 3
  }
  for (const path of linkedSources(context.project)) {
    const content = statSync(path).isDirectory() ? showFolder(path) : showFile(path)
    sourcePages.add(addPage(context, path, `# ${path}\n\n${content}`))
  }
}

/** Leaves the text of sources out of the search, which finds them by their names. Every visitor loads its index. */
function leaveOutSources({ searchResults, searchFields }: IndexEvent): void {
  for (const [index, result] of searchResults.entries()) {
    if (sourcePages.has(result)) searchFields[index] = { document: '' }
  }
}

/** Calls modules what users import. */
function renameModule(_: Context, reflection: DeclarationReflection): void {
  if (!reflection.kindOf(ReflectionKind.Module)) return
  reflection.name = entries.find(({ name }) => name === reflection.name)!.specifier
}

/** Places pages as their files are in the repository, and the API by kind. */
class SiteRouter extends KindRouter {
  override buildPages(project: ProjectReflection): PageDefinition[] {
    // The list of all modules and pages would be one more front page.
    const [front, , ...others] = super.buildPages(project)
    this.fullUrls.set(project, front!.url)
    return [front!, ...others]
  }

  protected override getIdealBaseName(reflection: Reflection): string {
    const path = pathOf.get(reflection)
    // Hidden files are not published.
    return path?.replace(/\.md$/, '').replace(/^\./, '') ?? super.getIdealBaseName(reflection)
  }
}

/** Lists the pages by their groups, then the import paths. */
class SiteTheme extends DefaultTheme {
  override buildNavigation(project: ProjectReflection): NavigationElement[] {
    const urls = new Map([...pathOf].map(([page, path]) => [path, this.router.getFullUrl(page)]))
    const pages = groups.flatMap(({ title, links }) => [
      { text: title },
      ...links.map(({ text, path }) => ({ text, path: urls.get(path)! })),
    ])
    const modules = super.buildNavigation(project).filter(({ kind }) => kind === ReflectionKind.Module)
    return [...pages, { text: 'API reference' }, ...modules]
  }
}

/** What is used of the parser of markdown-it. */
interface MarkdownParser {
  core: { ruler: { push(name: string, rule: (state: { tokens: MarkdownToken[] }) => void): void } }
}

interface MarkdownToken {
  type: string
  info: string
  content: string
  children: MarkdownToken[] | null
}

/** Prepares the parser of typedoc, which links to headings by their text without code, and takes every block of code for TypeScript. */
function prepareParser(parser: MarkdownParser): void {
  parser.core.ruler.push('headings and plain text', ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      if (token.type === 'heading_open') {
        for (const part of tokens[index + 1]?.children ?? []) {
          // The text of a token is that of its children if it has some; what is shown of code does not depend on them.
          if (part.type === 'code_inline') part.children = [{ ...part, type: 'text' }]
        }
      }
      if (token.type === 'fence' && token.info === '') token.info = 'text'
    }
  })
}

const [out = 'site'] = process.argv.slice(2)
const app = await Application.bootstrap(
  {
    out,
    name: 'awscurrent',
    entryPoints: entries.map(({ source }) => source),
    // `npm run check` compiles everything.
    skipErrorChecking: true,
    excludeInternal: true,
    intentionallyNotExported: ['Json', 'Atom', 'IsPlain', 'PlainSettings', 'RotatedCache'],
    disableSources: true,
    theme: 'site',
    router: 'site',
    customCss: '.ci/site.css',
    favicon: '.ci/site.svg',
    highlightLanguages: ['bash', 'hcl', 'javascript', 'json', 'markdown', 'sql', 'tsx', 'typescript', 'yaml'],
    searchInDocuments: true,
    headings: { readme: false },
    navigation: { includeFolders: false, excludeReferences: true },
    includeHierarchySummary: false,
    markdownItLoader: prepareParser,
  },
  [new TSConfigReader()],
)
// Of all that tsconfig.json includes, the entries are enough.
const compilerOptions = app.options.getCompilerOptions(app.logger)
app.options.setCompilerOptions(
  entries.map(({ source }) => absolute(source)),
  compilerOptions,
  undefined,
)
app.renderer.defineTheme('site', SiteTheme)
app.renderer.defineRouter('site', SiteRouter)
app.converter.on(Converter.EVENT_CREATE_DECLARATION, renameModule)
// After the README was read.
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, addPages, -1000)
app.renderer.on(IndexEvent.PREPARE_INDEX, leaveOutSources)

const project = await app.convert()
if (project) app.validate(project)
if (project && !app.logger.hasErrors()) await app.generateOutputs(project)
const { logger } = app
if (logger.hasErrors() || logger.hasWarnings() || logger.validationWarningCount > 0) process.exitCode = 1
