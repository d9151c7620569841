// JSON-RPC as MCP servers send it: lines on stdio, messages out of them. What is read can be
// written and read again.
#include "fuzz.hpp"
#include "mcp/jsonrpc.hpp"
#include "net/line_splitter.hpp"

using namespace telltale;

namespace {

void touch(const mcp::RpcInput& input) {
  for (const auto& finding : input.findings)
    fuzz::require(!finding.rule.empty() && finding.rule.size() < 100, "a finding has a rule");
  for (const auto& message : input.messages) {
    if (const auto* request = std::get_if<mcp::RpcRequest>(&message)) {
      fuzz::require(request->id.is_string() || request->id.is_number(), "a request has an id");
      (void)base::write_json(request->params);
    } else if (const auto* note = std::get_if<mcp::RpcNotification>(&message)) {
      const auto text = base::write_json(mcp::notification_message(note->method, note->params));
      const auto again = mcp::read_messages(text, "x");
      fuzz::require(again.messages.size() == 1, "a notification can be read again");
    } else if (const auto& answer = std::get<mcp::RpcResponse>(message); !answer.outcome) {
      (void)mcp::rpc_code(answer.outcome.error());
      (void)mcp::rpc_data(answer.outcome.error());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  touch(mcp::read_messages(text, "http.not-json"));
  net::LineSplitter lines(4096, false);
  fuzz::in_pieces(text, [&](std::string_view piece) {
    return lines.feed(piece, [](std::string_view line) {
      fuzz::require(line.find('\n') == std::string_view::npos, "a line has no end in it");
      touch(mcp::read_messages(line, "stdio.not-json"));
    });
  });
  lines.finish([](std::string_view line) { touch(mcp::read_messages(line, "stdio.not-json")); });
  return 0;
}
