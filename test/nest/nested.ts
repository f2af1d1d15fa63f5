import { type InjectionToken, Module, type ModuleMetadata, type Type } from '@nestjs/common'
import { Test, type TestingModule, type TestingModuleBuilder } from '@nestjs/testing'
import { onTestFinished } from 'vitest'
import { AwscurrentModule, type AwscurrentModuleOptions, InjectSecret, type InjectSecretOptions } from '../../src/nest/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'

/** A fake service and the options of a module that reads from it. */
export interface Scene {
  readonly fake: FakeSecretsManager
  readonly clock: ManualClock
  readonly options: AwscurrentModuleOptions
}

export function makeScene(secrets: Record<string, string>): Scene {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock, secrets })
  return { fake, clock, options: { client: fake.client(), clock } }
}

/** A class with one parameter in its constructor, decorated by hand: these tests are compiled without decorators. */
export function injectingSecret<T>(secretId: string, options?: InjectSecretOptions): Type<{ readonly value: T }> {
  class Injecting {
    readonly value: T

    constructor(value: T) {
      this.value = value
    }
  }
  InjectSecret(secretId, options)(Injecting, undefined, 0)
  return Injecting
}

/** A module of its own, as a feature of an application is. */
export function moduleOf(metadata: ModuleMetadata): Type {
  class Feature {}
  Module(metadata)(Feature)
  return Feature
}

/** Starts an application of these modules and providers, which ends with the test. */
export async function start(
  metadata: ModuleMetadata,
  change = (app: TestingModuleBuilder): TestingModuleBuilder => app,
): Promise<TestingModule> {
  const app = await change(Test.createTestingModule(metadata)).compile()
  onTestFinished(() => app.close())
  return app.init()
}

/** Starts an application with the module and these providers. */
export function startWith(options: AwscurrentModuleOptions, providers: ModuleMetadata['providers'] = []): Promise<TestingModule> {
  return start({ imports: [AwscurrentModule.forRoot(options)], providers })
}

/** What was injected into the provider of this class. */
export function injectedInto<T>(app: TestingModule, provider: InjectionToken & Type<{ readonly value: T }>): T {
  return app.get<{ readonly value: T }>(provider).value
}
