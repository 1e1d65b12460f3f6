/** The table of settings as people read it: `serve --help`, and the page docs/settings.md. */
import { environmentName } from './sources.ts';

/** What the texts tell of a setting. */
type Told = {
  readonly name: string;
  readonly kind: 'switch' | 'one' | 'list';
  readonly form: string;
  readonly defaultSaid: string;
  readonly accepts: string;
  readonly meaning: string;
};

const widthMax = 96;
const indent = '      ';

export function settingsHelp(settings: readonly Told[]): string {
  const entries = settings.map((setting) => {
    const lines = [
      ...wrapped(`${setting.meaning.charAt(0).toUpperCase()}${setting.meaning.slice(1)}.`),
      ...(setting.kind === 'switch' ? [] : wrapped(`Takes ${setting.accepts}.`)),
      ...wrapped(`Default: ${setting.defaultSaid}. Variable: ${environmentName(setting.name)}`),
    ];
    return [`  ${usageOf(setting)}${again(setting)}`, ...lines].join('\n');
  });
  return `Usage: warmfront serve [settings]

Runs the API and the edge locations in one process, until SIGTERM or SIGINT.

Example: warmfront serve --memory --bucket pictures=./site --edge paris=127.0.0.1:8081

Each setting is a flag, an environment variable, and a name in the JSON file of --config; a flag
counts before a variable, a variable before the file. Several values of one variable are separated
by a semicolon, in the file they are a list.

${entries.join('\n\n')}

  --help
      This text.
`;
}

/** Markdown. */
export function settingsPage(settings: readonly Told[]): string {
  const rows = settings.map((setting) => {
    const cells = [
      `\`${usageOf(setting)}\`${again(setting)}`,
      `\`${environmentName(setting.name)}\``,
      setting.defaultSaid,
      setting.accepts,
      setting.meaning,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return `# Settings of \`warmfront serve\`

This page is made from the table in \`src/config.ts\`: \`node src/config.test.ts --rewrite\` writes it anew.

A flag counts before its environment variable, the variable before the file of \`--config\`. In that file, one JSON object, each
setting stands under its name without dashes (\`{"edge": ["paris=127.0.0.1:8081"], "memory": true}\`). A setting that may be given
several times is a list there, and in a variable its values are separated by semicolons. A variable that is set but empty counts
as not set. Relative paths begin at the working directory, in a file at the file's folder.

| setting | variable | default | takes | meaning |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

function usageOf({ form, name }: Told): string {
  return form === '' ? `--${name}` : `--${name} ${form}`;
}

function again({ kind }: Told): string {
  return kind === 'list' ? ' (repeatable)' : '';
}

function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line !== indent && line.length + 1 + word.length > widthMax) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}
