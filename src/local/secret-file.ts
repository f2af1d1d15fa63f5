import { readFile, stat } from 'node:fs/promises'
import { type CompleteClock, sleep } from '../core/time/clock.js'
import { unreadable, unreadableBy } from './file-errors.js'
import { type FileForm, parseSecrets, type SecretContent } from './parse-secrets.js'

/** What a file contained when it was read. */
export interface FileContents {
  readonly secrets: ReadonlyMap<string, SecretContent>
  readonly modifiedAt: Date
}

/** Long enough for a script to write the rest of a file. */
const writtenWithinMs = 50

/** The permissions of anybody but the owner. */
const othersMode = 0o077

const howJson = 'It must be an object whose keys are the names of secrets; JSON has neither comments nor trailing commas.'

/** A file of secrets. Every read opens it anew, so it may be replaced, and so may its folder. */
export class SecretFile {
  readonly #path: string
  readonly #form: FileForm
  readonly #clock: CompleteClock
  #lastText: string | undefined
  #hasWarned = false

  constructor(path: string, form: FileForm, clock: CompleteClock) {
    this.#path = path
    this.#form = form
    this.#clock = clock
  }

  /**
   * Rejects with ERR_SECRET_CONFIG, which says what is wrong with the file and quotes nothing of it. With `isPatient`, it waits until a file
   * that has changed is completely written.
   */
  async read(signal: AbortSignal, isPatient = false): Promise<FileContents> {
    const { mode, mtime: modifiedAt } = await this.#stat()
    this.#warnOfOthers(mode)
    const text = await (isPatient ? this.#writtenText(signal) : this.#text(signal))
    // An editor that truncates the file has not written it yet.
    if (text.trim() === '') throw unreadable(this.#path, 'is empty', 'Was it saved?')
    const secrets = parseSecrets(text, this.#form)
    if (typeof secrets === 'string') throw unreadable(this.#path, secrets, howJson)
    this.#lastText = text
    return { secrets, modifiedAt }
  }

  async #stat(): Promise<{ mode: number; mtime: Date }> {
    const found = await stat(this.#path).catch(thrown => {
      throw unreadableBy(thrown, this.#path)
    })
    // Opening a pipe would wait for whoever writes to it.
    if (!found.isFile()) {
      throw unreadable(this.#path, `is ${found.isDirectory() ? 'a directory' : 'not a regular file'}`, 'Pass the path of a file.')
    }
    return found
  }

  /** Part of a .env file is a valid one too, so its text must be the same twice. Part of a JSON object is not JSON. */
  async #writtenText(signal: AbortSignal): Promise<string> {
    let text = await this.#text(signal)
    let before = this.#form === 'json' ? text : this.#lastText
    while (text !== before) {
      await sleep(this.#clock, writtenWithinMs, signal)
      before = text
      text = await this.#text(signal)
    }
    return text
  }

  async #text(signal: AbortSignal): Promise<string> {
    try {
      const text = await readFile(this.#path, { encoding: 'utf8', signal })
      // Some editors begin a file with a byte order mark.
      return text.replace(/^\uFEFF/, '')
    } catch (thrown) {
      signal.throwIfAborted()
      throw unreadableBy(thrown, this.#path)
    }
  }

  #warnOfOthers(mode: number): void {
    // The modes that Node makes up on Windows say nothing about who may read.
    if (this.#hasWarned || process.platform === 'win32' || (mode & othersMode) === 0) return
    this.#hasWarned = true
    process.emitWarning(`Other users may read the secrets in ${this.#path}: run chmod 600 on it.`, {
      code: 'AWSCURRENT_FILE_MODE',
    })
  }
}
