import { subscribeTo } from './channels.js'
import type { MeterLike } from './meter.js'

/** What is read of the events of SNS handlers and queue listeners, which belong to other import paths. */
interface FailedEvent {
  readonly type: string
  readonly error: { readonly code: string }
}

/** Records what the SNS handlers and queue listeners of the process publish; the returned function ends that. */
export function recordListeners(meter: MeterLike): () => void {
  const failures = meter.createCounter('awscurrent.listener.failures', {
    unit: '{failure}',
    description: 'Messages that could not be received or processed, and calls for queues and subscriptions that failed.',
  })
  const gaps = meter.createCounter('awscurrent.listener.gaps', {
    unit: '{gap}',
    description: 'Times at which messages may have been missed, so that everything was read again.',
  })
  const refused = meter.createCounter('awscurrent.listener.refused', {
    unit: '{message}',
    description: 'Requests to an SNS handler that were rejected.',
  })

  function onFailed({ type, error }: FailedEvent): void {
    failures.add(1, { 'awscurrent.listener.event': type, 'error.type': error.code })
  }

  return subscribeTo({
    receiveFailed: onFailed,
    queueFailed: onFailed,
    signalFailed: onFailed,
    revalidated({ reason }: { readonly reason: string }) {
      gaps.add(1, { 'awscurrent.gap.reason': reason })
    },
    messageRefused({ status }: { readonly status: number }) {
      refused.add(1, { 'http.response.status_code': status })
    },
  })
}
