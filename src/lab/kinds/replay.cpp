#include <filesystem>

#include <fmt/format.h>

#include "base/duration.hpp"
#include "base/file.hpp"
#include "lab/kinds/kinds.hpp"
#include "lab/replay/compare.hpp"
#include "runtime/finally.hpp"

namespace telltale::lab {
namespace {

using run::Outcome;

struct ReplayOptions {
  std::string file;
  std::string recording;
  std::vector<std::string> ignore;
  std::string timing = "fast";
  bool notifications = true;
  double answer_timeout_s = 30;
};
BOOST_DESCRIBE_STRUCT(ReplayOptions, (),
                      (file, recording, ignore, timing, notifications, answer_timeout_s))
constexpr auto field_rules(const ReplayOptions*) {
  using base::FieldRule;
  return std::array{
      FieldRule{.name = "file",
                .help = "a recording (docs/lab/recordings.md), beside the suite",
                .maximum = 1000,
                .has_default = true},
      FieldRule{
          .name = "recording", .help = "or its text: one JSON object a line", .has_default = true},
      FieldRule{.name = "ignore",
                .help = "JSON paths into messages of the server that may differ: "
                        "$.result.content[0].text, $.params.data",
                .maximum = 100,
                .has_default = true},
      FieldRule{.name = "timing",
                .help = "fast: as fast as the server answers; recorded: no sooner than recorded",
                .one_of = "fast|recorded",
                .has_default = true},
      FieldRule{.name = "notifications",
                .help = "the same notifications must come, in any order",
                .has_default = true},
      FieldRule{.name = "answer_timeout_s",
                .help = "seconds until a message of the server is given up",
                .minimum = 0.1,
                .maximum = 3600,
                .has_default = true}};
}

base::Result<std::string> text_of(const ReplayOptions& options, const std::string& folder) {
  if (!options.recording.empty()) return options.recording;
  // As golden files: what a suite without a file names would be any file of this machine.
  if (folder.empty())
    return base::fail(base::Code::invalid_argument,
                      "file needs a suite that is a file; elsewhere the text goes in `recording`");
  return base::read_file(std::filesystem::path(folder) / options.file, mcp::kRecordingBytes);
}

// Of all sessions.
struct Tally {
  Compared compared;
  std::size_t sessions = 0, messages = 0, sent = 0;
  base::Duration took{};

  void add(Compared one, const Played& played, std::size_t script) {
    ++sessions;
    messages += script;
    sent += played.sent;
    took += played.took;
    compared.answers += one.answers;
    compared.notifications += one.notifications;
    compared.differ += one.differ;
    for (auto& mismatch : one.mismatches)
      if (compared.mismatches.size() < run::kMismatchesLimit)
        compared.mismatches.push_back(std::move(mismatch));
  }
};

Outcome outcome_of(const Tally& tally) {
  const auto& compared = tally.compared;
  Outcome out{.mismatches = compared.mismatches,
              .figures = {{"sessions", tally.sessions},
                          {"messages", tally.messages},
                          {"sent", tally.sent},
                          {"answers", compared.answers},
                          {"notifications", compared.notifications},
                          {"differ", compared.differ},
                          {"took_ms", base::to_ms(tally.took)}}};
  if (compared.differ == 0) return out;
  const auto& first = compared.mismatches.front();
  out.status = run::Status::failed;
  out.message = fmt::format("{} of the server's messages {} not as recorded, the first: {}: {}",
                            compared.differ, compared.differ == 1 ? "is" : "are", first.step,
                            first.diff.empty() ? first.actual : first.what);
  return out;
}

class ReplayKind final : public run::Kind {
 public:
  suite::KindSpec spec() const override {
    auto out = suite::with_options<ReplayOptions>(
        {.name = "replay",
         .help = "a recorded session, said again: the server answers as it did",
         .takes_steps = false,
         .needs_steps = false,
         .needs_options = true});
    out.check = [shape = std::move(out.check)](const base::Json& options,
                                               const std::string& pointer) -> base::Result<void> {
      if (auto fine = shape(options, pointer); !fine) return fine;
      const auto parsed = base::from_json<ReplayOptions>(options);
      if (parsed->file.empty() == parsed->recording.empty())
        return base::bad_field(pointer, "needs exactly one of file and recording");
      const auto paths = suite::parse_paths(parsed->ignore, pointer + "/ignore");
      if (!paths) return std::unexpected(paths.error());
      return {};
    };
    return out;
  }

  runtime::Task<Outcome> run(run::CaseContext* context) const override {
    const auto options = options_of<ReplayOptions>(*context);
    if (!options) co_return Outcome::error(options.error().detail);
    auto ignore = suite::parse_paths(options->ignore);
    if (!ignore) co_return Outcome::error(ignore.error().detail);
    const auto text = text_of(*options, context->folder());
    if (!text) co_return Outcome::error(text.error().detail);
    const auto recording = mcp::read_recording(*text);
    if (!recording) co_return Outcome::error("the recording: " + recording.error().detail);
    if (recording->messages.empty()) co_return Outcome::error("the recording has no messages");
    const auto target = context->target("");
    if (!target) co_return Outcome::error(target.error().detail);
    // Each session with a server of its own: the recorded one was started anew between them.
    const auto sessions = sessions_of(*recording);
    Tally tally;
    for (const auto& session : sessions) {
      const auto script = script_of(session);
      const auto played = co_await play(context, *target, *options, &script);
      if (!played) co_return Outcome::error(played.error().detail);
      const CompareSettings settings{.ignore = *ignore,
                                     .notifications = options->notifications,
                                     .may_end = tally.sessions + 1 < sessions.size()};
      tally.add(compare(script, *played, settings), *played, script.size());
    }
    co_return outcome_of(tally);
  }

 private:
  static runtime::TaskResult<Played> play(run::CaseContext* context, mcp::Target target,
                                          ReplayOptions options, const std::vector<Line>* script) {
    auto& loop = *runtime::Loop::current();
    const auto wire = Wire::make(loop, target, {.frames = 4 * script->size() + 20'000});
    Player player(loop, wire, *script,
                  {.recorded_time = options.timing == "recorded",
                   .timeout = base::from_seconds(options.answer_timeout_s),
                   .progress = progress_through(context)});
    co_return co_await runtime::finally(Player::play(&player), wire->close());
  }
};

}  // namespace

std::unique_ptr<run::Kind> replay_kind() {
  return std::make_unique<ReplayKind>();
}

}  // namespace telltale::lab
