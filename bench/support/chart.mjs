// Charts as SVG, drawn without a browser.
import { init } from 'echarts'

const width = 820
const height = 440
const style = {
  animation: false,
  backgroundColor: '#ffffff',
  // Told apart with colour-blind eyes, too.
  color: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'],
  textStyle: { fontFamily: 'Helvetica, Arial, sans-serif', fontSize: 13, color: '#333333' },
}

function render(option, chartHeight = height) {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height: chartHeight })
  chart.setOption({ ...style, ...option })
  const svg = chart.renderToSVGString()
  chart.dispose()
  const { text, subtext } = option.title
  // The styles are for a mouse over it. The name is for who listens to the page.
  return `${svg.replace(/<style.*<\/style>\n/s, '').replace('>', ` role="img" aria-label="${text}. ${subtext ?? ''}">`)}\n`
}

function heading(title, note) {
  return {
    text: title,
    subtext: note,
    left: 16,
    top: 10,
    textStyle: { fontSize: 16, fontWeight: 'bold', color: '#111111' },
    subtextStyle: { fontSize: 12, color: '#666666' },
  }
}

function axis({ name, log = false, ...rest }, vertical) {
  return {
    type: log ? 'log' : 'value',
    name,
    nameLocation: vertical ? 'end' : 'middle',
    nameGap: vertical ? 12 : 28,
    nameTextStyle: { align: vertical ? 'left' : 'center', color: '#333333' },
    axisLabel: { color: '#333333', formatter: value => value.toLocaleString('en') },
    axisLine: { show: true, lineStyle: { color: '#999999' } },
    splitLine: { lineStyle: { color: '#eeeeee' } },
    ...rest,
  }
}

/** Lines that cross a chart at a value, each with its name. */
function limitLines(limits) {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: '#555555', type: 'dotted', width: 1.5 },
    data: limits.map(({ name, y }, n) => {
      // Names of lines that lie close together stay apart.
      const position = n % 2 === 0 ? 'insideEndTop' : 'insideEndBottom'
      return { name, yAxis: y, label: { position, color: '#555555', formatter: '{b}' } }
    }),
  }
}

/** Shades of time, each with its name. */
function shades(spans) {
  return {
    silent: true,
    itemStyle: { color: '#999999', opacity: 0.18 },
    label: { position: 'insideTop', color: '#333333' },
    data: spans.map(({ name, from, to }) => [{ name, xAxis: from }, { xAxis: to }]),
  }
}

/** Draws a chart: of bars if it has some, else of lines. Answers SVG. */
export function drawChart(chart) {
  return chart.bars === undefined ? lineChart(chart) : barChart(chart)
}

/**
 * A chart of lines.
 *
 * @param {object} chart
 * @param {string} chart.title
 * @param {string} [chart.note] Stands under the title.
 * @param {object} chart.x Of an axis: `name`, `log`, `min`, `max`.
 * @param {object} chart.y
 * @param {{ name: string, points: [number, number][], dashed?: boolean, dots?: boolean }[]} chart.series `dots`: no line.
 * @param {{ name: string, y: number }[]} [chart.limits] Lines across the chart.
 * @param {{ name: string, from: number, to: number }[]} [chart.spans] Shades.
 * @returns {string} SVG.
 */
function lineChart({ title, note, x, y, series, limits = [], spans = [] }) {
  return render({
    title: heading(title, note),
    legend: { bottom: 6, icon: 'roundRect', itemWidth: 16, itemHeight: 6, itemGap: 26, textStyle: { color: '#333333' } },
    grid: { left: 80, right: 30, top: 92, bottom: 82 },
    xAxis: axis(x, false),
    yAxis: axis(y, true),
    series: series.map(({ name, points, dashed = false, dots = false }, n) => ({
      type: dots ? 'scatter' : 'line',
      name,
      data: points,
      symbolSize: 9,
      ...(!dots && { showSymbol: false, lineStyle: { width: 2, type: dashed ? 'dashed' : 'solid' } }),
      ...(n === 0 && { markLine: limitLines(limits), markArea: shades(spans) }),
    })),
  })
}

/** About what the longest of these takes as a label, with some room. */
function widthOf(names) {
  return 30 + 7.2 * Math.max(...names.map(({ length }) => length))
}

/**
 * A chart of bars that lie, the first one on top, each with its value as text.
 *
 * @param {object} chart
 * @param {string} chart.title
 * @param {string} [chart.note]
 * @param {object} chart.x
 * @param {{ name: string, value: number, label: string }[]} chart.bars
 * @returns {string} SVG.
 */
function barChart({ title, note, x, bars }) {
  const upwards = bars.toReversed()
  return render(
    {
      title: heading(title, note),
      grid: { left: widthOf(bars.map(({ name }) => name)), right: 70, top: 74, bottom: 56 },
      // On a logarithmic axis bars would begin at 1.
      xAxis: { ...axis(x, false), startValue: x.min },
      yAxis: {
        type: 'category',
        data: upwards.map(({ name }) => name),
        axisLabel: { color: '#333333' },
        axisTick: { show: false },
      },
      series: {
        type: 'bar',
        barWidth: '62%',
        data: upwards.map(({ value, label }) => ({ value, label: { show: true, position: 'right', formatter: label } })),
      },
    },
    140 + bars.length * 36,
  )
}
