import type { Topic } from '../signals/topic.js'

const fileForm = /^SimpleNotificationService-[0-9a-f]{32}\.pem$/

/** The URL of a certificate on an SNS host, rebuilt from the host and the file name; undefined if the text is anything else. */
export function certificateUrlAt(host: string, text: string): string | undefined {
  const folder = `https://${host}/`
  const file = text.slice(folder.length)
  const url = folder + file
  return text === url && fileForm.test(file) ? url : undefined
}

/** Checks the URLs that a user has listed: they must be in the Region of a topic. */
export function readCertificateUrls(
  listed: readonly string[] | undefined,
  topics: ReadonlyMap<string, Topic>,
): ReadonlySet<string> {
  const urls = listed ?? []
  const hosts = [...topics.values()].map(({ host }) => host)
  if (!Array.isArray(urls) || !urls.every(url => typeof url === 'string' && hosts.some(host => certificateUrlAt(host, url))))
    throw new TypeError('certificates must be a list of URLs of SNS signing certificates in the Regions of topicArns.')
  return new Set(urls)
}
