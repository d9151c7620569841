#include "lab/fuzz/fuzz.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/duration.hpp"
#include "base/encoding.hpp"
#include "lab/conformance/conversation.hpp"
#include "lab/fuzz/mutate.hpp"
#include "runtime/finally.hpp"

namespace telltale::lab {
namespace {

using base::JsonObject;
using runtime::Task;
using runtime::TaskResult;

constexpr int kInputsOfOne = 200;  // of one instance: what is recorded of it stays small
constexpr std::size_t kFailuresLimit = 100;

// One instance with its conversation.
struct Session {
  std::shared_ptr<Wire> wire;
  Scene scene;
  std::unique_ptr<Conversation> talk;
};
using SessionRef = std::shared_ptr<Session>;

struct Fuzz {
  runtime::Loop* loop;
  mcp::Target target;
  mcp::SessionInfo session;
  FuzzOptions options;
  base::Random random;
  std::function<void(double, double, std::string)> progress;
  std::vector<JsonObject> right;
  FuzzResult result;
  base::Duration limit() const { return base::from_ms(options.timeout_ms); }
};
using FuzzRef = std::shared_ptr<Fuzz>;

std::vector<JsonObject> right_requests() {
  const auto request = [](std::int64_t id, std::string_view method, JsonObject params) {
    return JsonObject{
        {"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
  };
  return {
      request(90'001, "ping", {}),
      request(90'002, "tools/list", {{"cursor", "no-such-cursor"}}),
      request(90'003, "tools/call",
              {{"name", "telltale-no-such-tool"}, {"arguments", {{"a", 1}, {"b", "text"}}}}),
      request(90'004, "resources/read", {{"uri", "telltale-none://nowhere"}}),
      request(90'005, "resources/list", {}),
      request(90'006, "prompts/get", {{"name", "telltale-no-such-prompt"}}),
      request(90'007, "completion/complete",
              {{"ref", {{"type", "ref/prompt"}, {"name", "none"}}},
               {"argument", {{"name", "a"}, {"value", "b"}}}}),
      request(90'008, "logging/setLevel", {{"level", "info"}}),
      JsonObject{{"jsonrpc", "2.0"},
                 {"method", "notifications/cancelled"},
                 {"params", {{"requestId", 4711}, {"reason", "none"}}}},
      JsonObject{{"jsonrpc", "2.0"}, {"id", 90'009}, {"result", {{"roots", base::JsonArray{}}}}}};
}

SessionRef new_session(Fuzz& fuzz) {
  auto out = std::make_shared<Session>();
  out->wire = Wire::make(*fuzz.loop, fuzz.target);
  // The handshake may take a server's start; the limit of one answer comes after it.
  out->talk = std::make_unique<Conversation>(
      out->wire, fuzz.session.era, &out->scene,
      std::max<base::Duration>(fuzz.limit(), std::chrono::seconds(30)), fuzz.loop->clock());
  return out;
}

TaskResult<bool> begin(FuzzRef fuzz, SessionRef session) {
  if (auto opened = co_await session->wire->open(); !opened)
    co_return std::unexpected(opened.error());
  if (!co_await session->talk->begin(fuzz->session.protocol_version))
    co_return base::fail(base::Code::unavailable,
                         "the server did not start: " + session->scene.trouble);
  co_return true;
}

// "" when the server took it well.
std::string judge(const Session& session, const Step& step) {
  if (!step.alive || step.end == Step::End::broken) {
    const auto exit = session.wire->exit();
    return exit ? "the server ended: it " + exit->describe() : "the server answers no more";
  }
  for (const auto index : step.messages) {
    const auto& message = session.scene.messages[index];
    if (message.text.empty()) continue;
    if (!message.utf8) return "it wrote what is not UTF-8";
    if (!message.is_json) return "it wrote what is not JSON: " + message.text.substr(0, 200);
  }
  return {};
}

// What one text does to `session`; it may be of no use after it.
Task<std::string> try_text(FuzzRef fuzz, SessionRef session, std::string text, int number) {
  const auto* const step = co_await session->talk->tell(fmt::format("fuzz {}", number),
                                                        std::move(text), {.limit = fuzz->limit()});
  if (step == nullptr) co_return "the server answers no more";
  if (step->error() != nullptr)
    ++fuzz->result.errors;
  else if (step->end == Step::End::quiet)
    ++fuzz->result.quiet;
  co_return judge(*session, *step);
}

std::string shape_of(std::string_view what) {
  return std::string(what.substr(0, what.find(": ")));
}

// The same on an instance of its own.
TaskResult<std::string> try_alone(FuzzRef fuzz, SessionRef session, std::string text) {
  if (auto begun = co_await begin(fuzz, session); !begun) co_return std::unexpected(begun.error());
  co_return co_await try_text(fuzz, session, std::move(text), 0);
}

Task<std::string> made_small(FuzzRef fuzz, std::string text, std::string what) {
  int left = fuzz->options.shrink;
  for (bool better = true; better && left > 0;) {
    better = false;
    for (auto& candidate : smaller_texts(text)) {
      if (left-- <= 0) break;
      const auto session = new_session(*fuzz);
      const auto saw =
          co_await runtime::finally(try_alone(fuzz, session, candidate), session->wire->close());
      if (!saw) co_return text;
      if (shape_of(*saw) != shape_of(what)) continue;
      text = std::move(candidate);
      better = true;
      break;
    }
  }
  co_return text;
}

Task<> note_failure(FuzzRef fuzz, std::string what, std::string text) {
  auto& failures = fuzz->result.failures;
  const auto known = std::ranges::find_if(
      failures, [&](const FuzzFailure& one) { return shape_of(one.what) == shape_of(what); });
  if (known != failures.end()) {
    ++known->times;
    co_return;
  }
  if (failures.size() >= kFailuresLimit) co_return;
  const auto bytes = text.size();
  auto small = co_await made_small(fuzz, std::move(text), what);
  fuzz->result.failures.push_back(
      {.what = std::move(what), .text = std::move(small), .original_bytes = bytes});
}

// Until the inputs are sent or the server has ended. How many were harmful.
TaskResult<bool> play(FuzzRef fuzz, SessionRef session, int* number, int* harmful) {
  if (auto begun = co_await begin(fuzz, session); !begun) co_return std::unexpected(begun.error());
  for (int i = 0; i < kInputsOfOne && *number < fuzz->options.inputs; ++i) {
    auto text = broken_message(fuzz->right, fuzz->random,
                               static_cast<std::size_t>(fuzz->options.max_bytes));
    ++*number;
    ++fuzz->result.sent;
    auto what = co_await try_text(fuzz, session, text, *number);
    fuzz->progress(*number, fuzz->options.inputs, fmt::format("{} harmful", *harmful));
    if (what.empty()) continue;
    ++*harmful;
    co_await note_failure(fuzz, std::move(what), std::move(text));
    if (!session->wire->alive() || *harmful >= fuzz->options.give_up) co_return true;
    if (fuzz->result.failures.back().what == "the server answers no more") co_return true;
  }
  co_return true;
}

TaskResult<FuzzResult> fuzz_all(FuzzRef fuzz) {
  int number = 0;
  int harmful = 0;
  while (number < fuzz->options.inputs && harmful < fuzz->options.give_up) {
    const auto session = new_session(*fuzz);
    auto played =
        co_await runtime::finally(play(fuzz, session, &number, &harmful), session->wire->close());
    if (!played) co_return std::unexpected(played.error());
    if (number < fuzz->options.inputs) ++fuzz->result.restarts;
  }
  co_return std::move(fuzz->result);
}

}  // namespace

TaskResult<FuzzResult> run_fuzz(runtime::Loop* loop, mcp::Target target, mcp::SessionInfo session,
                                FuzzOptions options, std::uint64_t seed,
                                std::function<void(double, double, std::string)> progress) {
  return fuzz_all(std::make_shared<Fuzz>(Fuzz{.loop = loop,
                                              .target = std::move(target),
                                              .session = std::move(session),
                                              .options = options,
                                              .random = base::Random(seed),
                                              .progress = std::move(progress),
                                              .right = right_requests()}));
}

}  // namespace telltale::lab
