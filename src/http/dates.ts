/**
 * Dates as HTTP writes them (RFC 9110 §5.6.7), and the wider set that old API tools sign (mail
 * dates of RFC 5322 §3.3 with a numeric zone). Reading never depends on the machine's time zone;
 * the weekday must be a weekday's name but need not be the right one, since nothing hangs on it.
 */
import { type Instant, instant } from '../base/clock.ts';

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const yearMs = 365.25 * 86_400_000;
const dateCharactersMax = 64;

const weekday = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const longWeekday = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
const month = `(?<month>${months.join('|')})`;
const time = '(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})';

const httpForms: readonly RegExp[] = [
  // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(`^${weekday}, (?<day>\\d{2}) ${month} (?<year>\\d{4}) ${time} GMT$`),
  // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(`^${longWeekday}, (?<day>\\d{2})-${month}-(?<shortYear>\\d{2}) ${time} GMT$`),
  // asctime: Sun Nov  6 08:49:37 1994
  new RegExp(`^${weekday} ${month} (?<day>\\d{2}| \\d) ${time} (?<year>\\d{4})$`),
];

/** RFC 5322: weekday and seconds may be left out, the day may have one digit. */
const mailForm = new RegExp(
  `^(?:${weekday}, *)?(?<day>\\d{1,2}) +${month} +(?<year>\\d{4}) +` +
    '(?<hour>\\d{2}):(?<minute>\\d{2})(?::(?<second>\\d{2}))? +' +
    '(?:GMT|UTC?|Z|(?<sign>[+-])(?<zoneHour>\\d{2})(?<zoneMinute>\\d{2}))$',
  'i',
);

/** IMF-fixdate, to the second: `Sun, 06 Nov 1994 08:49:37 GMT`. Only for years 0 to 9999. */
export function formatHttpDate(at: Instant): string {
  const date = new Date(at);
  const day = twoDigits(date.getUTCDate());
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits);
  return `${weekdays[date.getUTCDay()]}, ${day} ${months[date.getUTCMonth()]} ${year} ${clock.join(':')} GMT`;
}

/**
 * Any of the three forms of RFC 9110, exactly; undefined for all else. `now` gives RFC 850's two
 * digits their century: a date more than 50 years ahead is meant to lie in the past.
 */
export function parseHttpDate(text: string, now: Instant): Instant | undefined {
  if (text.length > dateCharactersMax) return undefined;
  for (const form of httpForms) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) return momentOf(groups, now);
  }
  return undefined;
}

/** What a signed request may carry: a date of HTTP, or a mail date with any numeric zone. */
export function parseSignedDate(text: string, now: Instant): Instant | undefined {
  if (text.length > dateCharactersMax) return undefined;
  const httpDate = parseHttpDate(text, now);
  if (httpDate !== undefined) return httpDate;
  const groups = mailForm.exec(text)?.groups;
  return groups === undefined ? undefined : momentOf(groups, now);
}

type Groups = Readonly<Record<string, string | undefined>>;

function momentOf(groups: Groups, now: Instant): Instant | undefined {
  const monthName = groups['month']?.toLowerCase();
  const monthIndex = months.findIndex((name) => name.toLowerCase() === monthName);
  const day = Number(groups['day']);
  const hour = Number(groups['hour']);
  const minute = Number(groups['minute']);
  const second = Number(groups['second'] ?? 0);
  const zoneHour = Number(groups['zoneHour'] ?? 0);
  const zoneMinute = Number(groups['zoneMinute'] ?? 0);
  // 60 is a leap second (RFC 9110 §5.6.7); it is taken as the second that follows.
  if (hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) return undefined;

  const inYear = (year: number): number | undefined => {
    const date = new Date(0);
    date.setUTCFullYear(year, monthIndex, day);
    if (date.getUTCMonth() !== monthIndex || date.getUTCDate() !== day) return undefined;
    const offsetMinutes = (zoneHour * 60 + zoneMinute) * (groups['sign'] === '-' ? -1 : 1);
    const minutes = hour * 60 + minute - offsetMinutes;
    return date.getTime() + (minutes * 60 + second) * 1_000;
  };

  const ms =
    groups['shortYear'] === undefined
      ? inYear(Number(groups['year']))
      : inCentury(Number(groups['shortYear']), now, inYear);
  return ms === undefined ? undefined : instant(ms);
}

function inCentury(
  shortYear: number,
  now: Instant,
  inYear: (year: number) => number | undefined,
): number | undefined {
  const thisYear = new Date(now).getUTCFullYear();
  let year = thisYear - (thisYear % 100) + shortYear + 100;
  while (year > 0) {
    const ms = inYear(year);
    if (ms !== undefined && ms <= now + 50 * yearMs) return ms;
    year -= 100;
  }
  return undefined;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
