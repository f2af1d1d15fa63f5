import { describe, expect, it } from 'vitest'
import { FakeParameterStore, ManualClock, type ParameterStoreChangeEvent } from '../../../src/testing/index.js'

function recorded(): { fake: FakeParameterStore; events: ParameterStoreChangeEvent[]; stop: () => void } {
  const clock = new ManualClock(Date.UTC(2030, 0, 1, 12, 30, 15, 999))
  const fake = new FakeParameterStore({ clock, parameters: { '/app/old': { value: 'one', type: 'String' } } })
  const events: ParameterStoreChangeEvent[] = []
  return { fake, events, stop: fake.onEvent(event => events.push(event)) }
}

describe('the events of FakeParameterStore', () => {
  it('have the form of EventBridge, and name neither the value nor the version', () => {
    const { fake, events } = recorded()
    fake.put('/app/key', 'a value in the clear', { description: 'Sample Parameter' })
    expect(events).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        'detail-type': 'Parameter Store Change',
        source: 'aws.ssm',
        account: '123456789012',
        time: '2030-01-01T12:30:15Z',
        region: 'eu-west-1',
        resources: ['arn:aws:ssm:eu-west-1:123456789012:parameter/app/key'],
        detail: { operation: 'Create', name: '/app/key', type: 'SecureString', description: 'Sample Parameter' },
      },
    ])
  })

  it('tell of creations, updates, labels and deletions, and not of labels that are removed', () => {
    const { fake, events } = recorded()
    fake.put('/app/old', 'two')
    fake.label('/app/old', ['stable'])
    fake.perform('UnlabelParameterVersion', { Name: '/app/old', ParameterVersion: 2, Labels: ['stable'] })
    fake.perform('LabelParameterVersion', { Name: '/app/old', Labels: ['1st'] })
    fake.perform('DeleteParameters', { Names: ['/app/old', '/app/missing'] })
    fake.put('/app/old', 'three')
    const old = { name: '/app/old', type: 'String' }
    expect(events.map(({ detail }) => detail)).toEqual([
      { operation: 'Update', ...old },
      { operation: 'LabelParameterVersion', ...old },
      { operation: 'Delete', ...old },
      { operation: 'Create', name: '/app/old', type: 'SecureString' },
    ])
  })

  it('end with the listener, and are not sent by what fails', () => {
    const { fake, events, stop } = recorded()
    expect(() => fake.perform('PutParameter', { Name: '/app/old', Value: 'two' })).toThrow()
    stop()
    fake.put('/app/old', 'two')
    expect(events).toEqual([])
  })
})
