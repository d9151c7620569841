// A suite from a recording: from its text, or from the last messages with a server of the fleet.
#include "lab/operations.hpp"
#include "lab/replay/import.hpp"

namespace telltale::lab {

using base::FieldRule;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

constexpr std::size_t kTextLimit = 8U << 20U;

struct ImportRecording {
  std::string recording;
  std::string server;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(ImportRecording, (), (recording, server, name))
constexpr auto field_rules(const ImportRecording*) {
  return std::array{
      FieldRule{.name = "recording",
                .help = "its text (docs/lab/recordings.md)",
                .maximum = kTextLimit,
                .has_default = true},
      FieldRule{.name = "server",
                .help = "a server of the fleet: tests it; without recording, from "
                        "its last messages",
                .maximum = 200,
                .has_default = true},
      FieldRule{.name = "name", .help = "of the suite", .maximum = 200, .has_default = true}};
}

namespace {

TaskResult<JsonObject> import_recording(Desk* desk, ContextPtr context, ImportRecording input) {
  if (input.recording.empty() && input.server.empty())
    co_return base::bad_field("/recording", "needs recording, server, or both");
  if (!input.server.empty() && !context->actor().sees(input.server))
    co_return base::fail(base::Code::not_found, "there is no server " + input.server);
  if (input.recording.empty()) {
    // What others asked the server, as fleet.recording shows it.
    if (!context->actor().may("fleet:operate", input.server))
      co_return base::fail(base::Code::permission_denied, "the messages with " + input.server +
                                                              " take the permission fleet:operate");
    auto kept = co_await desk->recording(input.server);
    if (!kept) co_return std::unexpected(kept.error());
    input.recording = base::string_or(*kept, "recording");
  }
  co_return co_await desk->blocking.run([given = std::move(input)]() -> base::Result<JsonObject> {
    const auto recording = mcp::read_recording(given.recording);
    if (!recording) return base::bad_field("/recording", recording.error().detail);
    auto made = import_suite(*recording, {.fleet = given.server, .name = given.name});
    if (!made) return std::unexpected(made.error());
    return JsonObject{
        {"yaml", std::move(made->yaml)}, {"cases", made->cases}, {"left_out", made->left_out}};
  });
}

}  // namespace

void declare_import_operation(runtime::OperationRegistry& registry, Desk& desk) {
  registry.add(runtime::declare<ImportRecording, JsonObject>(
      {.name = "tests.import",
       .help = "A suite made from a recording, or from the last messages with a server; not stored",
       .permission = "tests:read",
       .routes = {{"POST", "/api/tests/import"}},
       .group = "Tests"},
      [desk = &desk](ContextPtr context, ImportRecording input) {
        return import_recording(desk, std::move(context), std::move(input));
      }));
}

}  // namespace telltale::lab
