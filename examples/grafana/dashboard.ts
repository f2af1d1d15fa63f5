import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { type PanelOf, rows } from './panels.js'

const datasource = { type: 'prometheus', uid: '$datasource' }

/** The dashboard as Grafana imports it. */
export function dashboardJson(): string {
  const dashboard = new DashboardBuilder('awscurrent')
    .uid('awscurrent')
    .tags(['awscurrent'])
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .withVariable(new DatasourceVariableBuilder('datasource').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('instance')
        .query('label_values(awscurrent_entries, instance)')
        .datasource(datasource)
        .includeAll(true)
        .allValue('.*')
        .multi(true),
    )
  for (const [title, panels] of Object.entries(rows)) {
    dashboard.withRow(new RowBuilder(title))
    for (const panel of panels) dashboard.withPanel(build(panel))
  }
  return `${JSON.stringify(dashboard.build(), undefined, 2)}\n`
}

function build({ title, unit, queries }: PanelOf): PanelBuilder {
  const panel = new PanelBuilder().title(title).unit(unit).datasource(datasource).height(8).span(8)
  for (const { expr, legend } of queries)
    panel.withTarget(new DataqueryBuilder().expr(expr).legendFormat(legend).datasource(datasource))
  return panel
}
