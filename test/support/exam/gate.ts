/** Lets everybody pass, or makes everybody wait. */
export class Gate {
  #opened: Promise<void> = Promise.resolve()
  #open: () => void = () => {}

  /** Resolves when the gate is open. */
  passed(): Promise<void> {
    return this.#opened
  }

  close(): void {
    this.#opened = new Promise(resolve => {
      this.#open = resolve
    })
  }

  open(): void {
    this.#open()
  }
}
