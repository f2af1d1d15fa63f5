import { randomUUID } from 'node:crypto'
import {
  GetParameterCommand,
  LabelParameterVersionCommand,
  type Parameter,
  PutParameterCommand,
  type PutParameterCommandInput,
  type SSMClient,
} from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, it } from 'vitest'
import { rejectionOf } from '../../testing/support.js'

/** A Parameter Store, as the real SDK sees it. */
export interface ParameterService {
  readonly client: SSMClient
  createSecret(name: string, value: string): Promise<{ arn: string; versionId: string }>
  putSecret(name: string, value: string): Promise<void>
  close(): Promise<void>
}

/** Opens a Parameter Store. Moto's known differences from AWS are expected of moto alone. */
export interface ParameterServiceUnderTest {
  readonly isMoto?: boolean
  open(): Promise<ParameterService>
}

/** What the tests of one suite do with the service. */
export interface Scene {
  readonly service: () => ParameterService
  readonly client: () => SSMClient
  put(name: string, value: string, settings?: Partial<PutParameterCommandInput>): Promise<number>
  get(name: string, WithDecryption?: boolean): Promise<Parameter>
  /** Attaches labels; resolves to those that are invalid. */
  label(name: string, version: number, ...labels: string[]): Promise<string[] | undefined>
  /** A behaviour in which moto is known to differ from AWS: its own answer is expected of moto, that of AWS of the fake. */
  itDiffers(behaviour: string, mostly: string, check: (isMoto: boolean) => Promise<void>): void
}

/** Opens the service for the tests of the suite in which it is called. */
export function useParameterStore({ open, isMoto = false }: ParameterServiceUnderTest): Scene {
  let service: ParameterService
  beforeAll(async () => {
    service = await open()
  })
  afterAll(() => service.close())
  return {
    service: () => service,
    client: () => service.client,
    async put(name, value, settings = {}) {
      const input = { Name: name, Value: value, Overwrite: true, Type: 'SecureString' as const, ...settings }
      return (await service.client.send(new PutParameterCommand(input))).Version ?? 0
    },
    async get(name, WithDecryption = true) {
      return (await service.client.send(new GetParameterCommand({ Name: name, WithDecryption }))).Parameter ?? {}
    },
    async label(name, version, ...labels) {
      const input = { Name: name, ParameterVersion: version, Labels: labels }
      return (await service.client.send(new LabelParameterVersionCommand(input))).InvalidLabels
    },
    itDiffers(behaviour, mostly, check) {
      it(isMoto ? `${behaviour} (moto differs: ${mostly})` : behaviour, () => check(isMoto))
    },
  }
}

/** A name that no other test has used, because tests may share a service. */
export function newName(): string {
  return `/conformance/${randomUUID()}`
}

/** The name and the message of the error with which a call fails. */
export async function refused(sending: Promise<unknown>): Promise<{ name: string; message: string }> {
  const { name, message } = await rejectionOf(sending)
  return { name, message }
}
