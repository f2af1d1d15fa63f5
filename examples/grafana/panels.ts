/** One panel of the dashboard. The queries name metrics as the Prometheus exporter of OpenTelemetry does. */
export interface PanelOf {
  readonly title: string
  readonly unit: string
  readonly queries: readonly { readonly expr: string; readonly legend: string }[]
}

const secret = '{{awscurrent_secret_name}} {{awscurrent_version_stage}}'
const cache = '{{awscurrent_cache_name}}'

/** Those that the dashboard shows, in rows. */
export const rows: Readonly<Record<string, readonly PanelOf[]>> = {
  Secrets: [
    {
      title: 'Time until reads reject, if no load succeeds',
      unit: 's',
      queries: [
        {
          expr: `min by (awscurrent_secret_name, awscurrent_version_stage) (${gauge('awscurrent_secret_servable_time')})`,
          legend: secret,
        },
      ],
    },
    {
      title: 'Age of the oldest value, and the TTL',
      unit: 's',
      queries: [
        { expr: `max by (awscurrent_secret_name, awscurrent_version_stage) (${gauge('awscurrent_secret_age')})`, legend: secret },
        {
          expr: `max by (awscurrent_secret_name) (${gauge('awscurrent_secret_ttl')})`,
          legend: 'TTL of {{awscurrent_secret_name}}',
        },
      ],
    },
    panel(
      'Instances that have never loaded a secret',
      'count by (awscurrent_secret_name) (awscurrent_secret_loaded == 0)',
      '{{awscurrent_secret_name}}',
    ),
    panel(
      'Rotations',
      `sum by (awscurrent_secret_name, awscurrent_version_stage) (${increase('awscurrent_rotations_total')})`,
      secret,
    ),
    panel(
      'Errors',
      `sum by (awscurrent_secret_name, error_type) (${increase('awscurrent_errors_total')})`,
      '{{awscurrent_secret_name}} {{error_type}}',
    ),
    {
      title: 'Duration of loads, 99th percentile',
      unit: 's',
      queries: [{ expr: quantile('awscurrent_load_duration'), legend: '{{awscurrent_secret_name}}' }],
    },
  ],
  Caches: [
    {
      title: 'Reads',
      unit: 'ops',
      queries: [
        { expr: `sum by (awscurrent_cache_name) (${rate('awscurrent_hits_total')})`, legend: `${cache} hits` },
        { expr: `sum by (awscurrent_cache_name) (${rate('awscurrent_misses_total')})`, legend: `${cache} misses` },
        { expr: `sum by (awscurrent_cache_name) (${rate('awscurrent_stale_reads_total')})`, legend: `${cache} stale` },
      ],
    },
    {
      title: 'Loads',
      unit: 'ops',
      queries: [{ expr: `sum by (awscurrent_cache_name) (${rate('awscurrent_loads_total')})`, legend: cache }],
    },
    {
      title: 'Entries and evictions',
      unit: 'short',
      queries: [
        { expr: 'max by (awscurrent_cache_name) (awscurrent_entries)', legend: `${cache} entries` },
        { expr: `sum by (awscurrent_cache_name) (${increase('awscurrent_evictions_total')})`, legend: `${cache} evictions` },
      ],
    },
  ],
  Pools: [
    panel(
      'Versions in use',
      `sum by (awscurrent_secret_name, awscurrent_version_stage) (${increase('awscurrent_pool_credentials_total')})`,
      secret,
    ),
    panel(
      'Refusals',
      `sum by (awscurrent_secret_name, error_type) (${increase('awscurrent_pool_refusals_total')})`,
      '{{awscurrent_secret_name}} {{error_type}}',
    ),
    panel(
      'Retired connections',
      `sum by (awscurrent_secret_name) (${increase('awscurrent_pool_retired_total')})`,
      '{{awscurrent_secret_name}}',
    ),
    {
      title: 'Time without a working version, 99th percentile',
      unit: 's',
      queries: [{ expr: quantile('awscurrent_pool_window_duration'), legend: '{{awscurrent_secret_name}}' }],
    },
  ],
  Listeners: [
    panel(
      'Failures',
      `sum by (awscurrent_listener_event, error_type) (${increase('awscurrent_listener_failures_total')})`,
      '{{awscurrent_listener_event}} {{error_type}}',
    ),
    panel('Gaps', `sum by (awscurrent_gap_reason) (${increase('awscurrent_listener_gaps_total')})`, '{{awscurrent_gap_reason}}'),
    panel(
      'Rejected requests',
      `sum by (http_response_status_code) (${increase('awscurrent_listener_refused_total')})`,
      '{{http_response_status_code}}',
    ),
  ],
}

function panel(title: string, expr: string, legend: string): PanelOf {
  return { title, unit: 'short', queries: [{ expr, legend }] }
}

/** With or without the unit that the collector of OpenTelemetry appends. */
function gauge(name: string): string {
  return `{__name__=~"${name}(_seconds)?", instance=~"$instance"}`
}

function increase(name: string): string {
  return `increase(${name}{instance=~"$instance"}[$__rate_interval])`
}

function rate(name: string): string {
  return `rate(${name}{instance=~"$instance"}[$__rate_interval])`
}

function quantile(name: string): string {
  const buckets = `{__name__=~"${name}(_seconds)?_bucket", instance=~"$instance"}`
  return `histogram_quantile(0.99, sum by (le, awscurrent_secret_name) (rate(${buckets}[$__rate_interval])))`
}
