// Tells schemas from ordinary JSON, and finds the server: all that does not need an editor.

/** Keywords that the first object of a schema starts with. */
const KEYWORDS = "include|pragma|enum|struct|union|alternate|command|event|type";

/** Lines of a file that are looked at. */
const LINES = 200;

/**
 * True if a text is that of a schema rather than JSON: comments start with `#` and strings have single quotes. An empty
 * text is neither.
 */
export function isSchema(text: string): boolean {
  for (const line of text.split(/\r\n|\n|\r/, LINES)) {
    const written = line.trim();
    if (written === "") {
      continue;
    }
    if (written.startsWith("#")) {
      if (written === "##") {
        return true;
      }
      continue;
    }
    return new RegExp(`^\\{\\s*'(${KEYWORDS})'`).test(written);
  }
  return false;
}

/** The main files of schemas that a `qapi.toml` names, as it writes them. */
export function schemasOf(toml: string): string[] {
  const uncommented = toml.replace(/"[^"\n]*"|'[^'\n]*'|#.*/g, (part) => (part.startsWith("#") ? "" : part));
  const paths = uncommented.matchAll(/\bpath\s*=\s*(?:"([^"\n]*)"|'([^'\n]*)')/g);
  return [...paths].map((found) => found[1] ?? found[2] ?? "").filter((path) => path.endsWith(".json"));
}

/**
 * True if settings make a file a schema: it is one of the main files that they name, or it lies in the folder of one or below
 * and does not look like ordinary JSON. Paths are absolute, with slashes.
 */
export function isConfigured(path: string, mains: readonly string[], text: string): boolean {
  if (mains.includes(path)) {
    return true;
  }
  const isBelow = (main: string): boolean => path.startsWith(main.slice(0, main.lastIndexOf("/") + 1));
  const looksLikeJson = /^\s*(\[|\{\s*["}])/.test(text);
  return mains.some(isBelow) && !looksLikeJson;
}

/** The command that starts the server. A path in the settings may use the folder of the workspace. */
export function serverCommand(path: string | undefined, folder: string | undefined): string {
  const command = path?.trim() || "qapi";
  return command.replace(/\$\{workspaceFolder\}/g, folder ?? ".");
}
