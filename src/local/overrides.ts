/** The environment variables that replace the values of a file. */
export class Overrides {
  readonly #prefix: string | undefined

  /** Without a prefix, no variable replaces anything. */
  constructor(prefix: string | undefined) {
    this.#prefix = prefix
  }

  /** The variable for a secret: `SECRET_PROD_DB` for `prod/db`. */
  variableOf(name: string): string | undefined {
    return this.#prefix && this.#prefix + name.toUpperCase().replace(/[^A-Z0-9]/g, '_')
  }

  /** The names in a file that the variable of this one replaces, if it is set. More than one: nobody can say which is meant. */
  claimants(name: string, names: Iterable<string>): string[] {
    const variable = this.variableOf(name)
    return valueIn(variable) === undefined ? [] : [...names].filter(other => this.variableOf(other) === variable)
  }

  /** The text that replaces a secret, or is one that the file does not have. A variable for secrets in the file is for no others. */
  textOf(name: string, names: Iterable<string>): string | undefined {
    const claimants = this.claimants(name, names)
    return claimants.length === 0 || claimants.join() === name ? valueIn(this.variableOf(name)) : undefined
  }
}

/** Read whenever the file is. An empty variable counts as not set. */
function valueIn(variable: string | undefined): string | undefined {
  return (variable && process.env[variable]) || undefined
}
