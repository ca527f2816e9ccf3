// The picture of the VS Code extension, in a frame of the page.
import "./frame-host";
import "../../vscode/webview/topology";
