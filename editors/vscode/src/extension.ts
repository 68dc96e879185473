// Starts `qapi lsp` for schemas, which it tells from ordinary JSON by their first lines, or by the files of settings, `qapi.toml`.

import * as vscode from "vscode";
import { LanguageClient, State } from "vscode-languageclient/node";
import { isConfigured, isSchema, schemasOf, serverCommand } from "./detect";

let client: LanguageClient | undefined;

/** The main files of schemas that files of settings name. */
let mains: string[] = [];

/** The scheme of pages about diagnostics, which the server has. */
const PAGES = "qapi-explain";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(adopt),
    vscode.commands.registerCommand("qapi.restart", () => client?.restart()),
    vscode.workspace.registerTextDocumentContentProvider(PAGES, { provideTextDocumentContent: page }),
  );
  const settingsFiles = vscode.workspace.createFileSystemWatcher("**/qapi.toml");
  const readAgain = (): void => void readSettings();
  context.subscriptions.push(
    settingsFiles,
    settingsFiles.onDidChange(readAgain),
    settingsFiles.onDidCreate(readAgain),
    settingsFiles.onDidDelete(readAgain),
  );
  await readSettings();
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const settings = vscode.workspace.getConfiguration("qapi");
  const command = serverCommand(settings.get("server.path"), folder);
  client = new LanguageClient(
    "qapi",
    "QAPI",
    { command, args: ["lsp"] },
    { documentSelector: [{ language: "qapi" }], initializationOptions: settings },
  );
  try {
    await client.start();
  } catch (error) {
    const path = "Set qapi.server.path to the command `qapi`.";
    void vscode.window.showErrorMessage(`The language server does not start: ${String(error)}. ${path}`);
  }
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

/** Learns from the files of settings which files are schemas. */
async function readSettings(): Promise<void> {
  const found: string[] = [];
  for (const file of await vscode.workspace.findFiles("**/qapi.toml", "**/{node_modules,target}/**")) {
    const toml = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
    const paths = schemasOf(toml).map((path) => vscode.Uri.joinPath(file, "..", path).path);
    found.push(...paths);
  }
  mains = found;
  await Promise.all(vscode.workspace.textDocuments.map(adopt));
}

/** Gives a document the language of schemas if it is one. */
async function adopt(document: vscode.TextDocument): Promise<void> {
  const isOther = document.languageId === "json" || document.languageId === "python";
  if (!isOther || !document.fileName.endsWith(".json")) {
    return;
  }
  const text = document.getText();
  if (isSchema(text) || isConfigured(document.uri.path, mains, text)) {
    await vscode.languages.setTextDocumentLanguage(document, "qapi");
  }
}

/** The page about a diagnostic. */
async function page(uri: vscode.Uri): Promise<string> {
  if (client?.state !== State.Running) {
    return "The language server does not run.";
  }
  const answer = await client.sendRequest<{ text: string }>("workspace/textDocumentContent", {
    uri: uri.toString(),
  });
  return answer.text;
}
