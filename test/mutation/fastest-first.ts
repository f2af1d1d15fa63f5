import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Runs the files that killed the last mutant first, as the next one is near it; the others by the time that they take. */
export class FastestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const slowestFirst = await super.sort(files)
    const failed = slowestFirst.filter(file => this.#hasFailed(file))
    return [...failed, ...slowestFirst.filter(file => !failed.includes(file)).reverse()]
  }

  #hasFailed({ project, moduleId }: TestSpecification): boolean {
    const path = moduleId.slice(this.ctx.config.root.length + 1)
    return this.ctx.cache.getFileTestResults(`${project.name}:${path}`)?.failed === true
  }
}
