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

/** The command that starts the server. A path in the settings may use the folder of the workspace. */
export function serverCommand(path: string | undefined, folder: string | undefined): string {
  const command = path?.trim() || "qapi";
  return command.replace(/\$\{workspaceFolder\}/g, folder ?? ".");
}
