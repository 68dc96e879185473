// Starts `qapi lsp` for schemas, which it tells from ordinary JSON by their first lines.

import * as vscode from "vscode";
import { LanguageClient, State } from "vscode-languageclient/node";
import { isSchema, serverCommand } from "./detect";

let client: LanguageClient | undefined;

/** The scheme of pages about diagnostics, which the server has. */
const PAGES = "qapi-explain";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(adopt),
    vscode.commands.registerCommand("qapi.restart", () => client?.restart()),
    vscode.workspace.registerTextDocumentContentProvider(PAGES, { provideTextDocumentContent: page }),
  );
  await Promise.all(vscode.workspace.textDocuments.map(adopt));
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

/** Gives a document the language of schemas if it is one. */
async function adopt(document: vscode.TextDocument): Promise<void> {
  const isOther = document.languageId === "json" || document.languageId === "python";
  if (isOther && document.fileName.endsWith(".json") && isSchema(document.getText())) {
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
