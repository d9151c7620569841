// telltale simulate: its flags made into a plan, progress while it runs, the summary at its end.
#include <atomic>
#include <csignal>

#include <fmt/format.h>
#include <unistd.h>

#include "base/duration.hpp"
#include "cli/api_client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "simulate/simulation.hpp"

namespace telltale::cli {
namespace {

using simulate::Plan;

std::atomic<bool> interrupted{false};

// SERVER TOOL [{…}]
base::Result<simulate::ToolCall> parse_call(std::string_view text) {
  const auto first = text.find(' ');
  const auto second = first == std::string_view::npos ? first : text.find(' ', first + 1);
  if (first == std::string_view::npos || first == 0)
    return base::fail(base::Code::invalid_argument,
                      "--call: \"" + std::string(text) + "\" is not SERVER TOOL [{…}]");
  simulate::ToolCall out{.server = std::string(text.substr(0, first)),
                         .tool = std::string(text.substr(first + 1, second - first - 1))};
  if (second == std::string_view::npos) return out;
  auto arguments = base::parse_json(text.substr(second + 1));
  if (!arguments || !arguments->is_object())
    return base::fail(base::Code::invalid_argument,
                      "--call: the arguments of " + out.tool + " must be a JSON object");
  out.arguments = std::move(arguments->get_object());
  return out;
}

base::Result<Plan> plan_of(const Connection& connection, const SimulateArguments& given) {
  Plan plan{.url = connection.url,
            .token = [connection] { return access_token(connection); },
            .viewers = given.viewers,
            .callers = given.callers,
            .duration = base::from_seconds(given.duration_s),
            .ramp = base::from_seconds(std::min(given.ramp_s, given.duration_s)),
            .seed = given.seed,
            .source = given.source,
            .quality = given.quality,
            .stay = base::from_seconds(given.stay_s),
            .settled = base::from_seconds(given.settled_s),
            .think = base::from_seconds(given.think_ms / 1000)};
  auto link = simulate::link_profile(given.link);
  if (!link) return base::fail(link.error().code, "--link: " + link.error().detail);
  plan.link = std::move(*link);
  if (given.loss_percent || given.jitter_ms || given.delay_ms || given.rate_kbps) {
    plan.link.name += " (changed)";
    plan.link.shaped = true;
    plan.link.steps.clear();
    auto& down = plan.link.down;
    auto& up = plan.link.up;
    if (given.loss_percent) down.loss = up.loss = *given.loss_percent / 100;
    if (given.jitter_ms) down.jitter = up.jitter = base::from_seconds(*given.jitter_ms / 1000);
    if (given.delay_ms) down.delay = up.delay = base::from_seconds(*given.delay_ms / 1000);
    if (given.rate_kbps) down.rate_bps = static_cast<std::int64_t>(*given.rate_kbps * 1000);
  }
  for (const auto& text : given.calls) {
    auto call = parse_call(text);
    if (!call) return std::unexpected(call.error());
    plan.calls.push_back(std::move(*call));
  }
  for (const auto& text : given.objectives) {
    auto objective = simulate::parse_objective(text);
    if (!objective)
      return base::fail(objective.error().code, "--objective: " + objective.error().detail);
    plan.objectives.push_back(std::move(*objective));
  }
  if (plan.objectives.empty())
    for (const auto* const text : {"join_failures<=0", "connections_lost<=0", "call_failures<=0"})
      plan.objectives.push_back(*simulate::parse_objective(text));
  if (plan.viewers + plan.callers == 0)
    return base::fail(base::Code::invalid_argument, "--viewers and --callers are both 0");
  return plan;
}

// A line a second on a terminal, one over the other; elsewhere one in five seconds.
class ProgressLine {
 public:
  void operator()(const simulate::Progress& now) {
    const bool terminal = ::isatty(STDERR_FILENO) == 1;
    if (!terminal && ++calls_ % 5 != 0) return;
    const auto frames = now.tally.frames - std::exchange(frames_, now.tally.frames);
    const auto seconds = base::to_seconds(now.elapsed - std::exchange(at_, now.elapsed));
    fmt::print(stderr,
               "{}{:>5.0f} s  {:>5} watching  {:>7.0f} frames/s  {:>5} joins ({} failed)  {:>4} "
               "lost  {:>5} freezes  {:>6} calls ({} failed){}",
               terminal ? "\r" : "", base::to_seconds(now.elapsed), now.tally.watching,
               seconds > 0 ? static_cast<double>(frames) / seconds : 0, now.tally.joins,
               now.tally.join_failures, now.tally.lost, now.tally.freezes, now.tally.calls,
               now.tally.call_failures, terminal ? " " : "\n");
  }

 private:
  int calls_ = 0;
  std::uint64_t frames_ = 0;
  base::Duration at_ = {};
};

int run_simulation(const Connection& connection, const SimulateArguments& given) {
  auto plan = plan_of(connection, given);
  if (!plan) return 2 * complain(plan.error());
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { interrupted = true; });
  runtime::Runtime runtime(1);
  auto summary = run_here(
      runtime, simulate::run(std::move(*plan), ProgressLine(), [] { return interrupted.load(); }));
  if (::isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\n");
  if (!summary) return 2 * complain(summary.error());
  if (connection.json)
    print_json(summary->json);
  else
    fmt::print("\n{}\n{}\n", plain(summary->text),
               summary->ok ? "All objectives held." : "Not all objectives held.");
  return summary->ok ? 0 : 1;
}

}  // namespace

void Commands::add_simulate_to(CLI::App& app) {
  auto* const command = add(
      app, "simulate",
      "Real WebRTC viewers and tool callers against a running server; 0 when all objectives held, "
      "1 when not, 2 when it could not run",
      [this] { return run_simulation(connection_, simulate_); }, true);
  auto& given = simulate_;
  const auto option = [&](const char* name, auto& value, const char* help) {
    return command->add_option(name, value, help)->capture_default_str();
  };
  option("--viewers", given.viewers, "Viewers")->check(CLI::Range(0, 10'000));
  option("--callers", given.callers, "Callers of tools")->check(CLI::Range(0, 1'000));
  option("--duration", given.duration_s, "Seconds")->check(CLI::Range(1.0, 86'400.0));
  option("--ramp", given.ramp_s, "Seconds in which all join for the first time")
      ->check(CLI::Range(0.0, 86'400.0));
  option("--seed", given.seed, "Of everything that is decided by chance");
  option("--source", given.source, "What is watched: test, a CID, a live name");
  option("--quality", given.quality, "What each begins with: low, medium, high or auto")
      ->check(CLI::IsMember({"low", "medium", "high", "auto"}));
  option("--stay", given.stay_s, "Mean seconds until a viewer leaves and comes back; 0: never")
      ->check(CLI::Range(0.0, 86'400.0));
  option("--settled", given.settled_s, "Mean seconds until one chooses another quality; 0: never")
      ->check(CLI::Range(0.0, 86'400.0));
  option("--think", given.think_ms, "Mean milliseconds between two calls of a caller")
      ->check(CLI::Range(1.0, 3'600'000.0));
  option("--link", given.link, "perfect, wifi, 4g, bad-hotel or train: what each viewer is behind");
  command->add_option("--loss", given.loss_percent, "Its loss in percent, both ways")
      ->check(CLI::Range(0.0, 100.0));
  command->add_option("--jitter", given.jitter_ms, "Its jitter in milliseconds, both ways")
      ->check(CLI::Range(0.0, 10'000.0));
  command->add_option("--delay", given.delay_ms, "Its delay in milliseconds, each way")
      ->check(CLI::Range(0.0, 10'000.0));
  command->add_option("--rate-kbps", given.rate_kbps, "Its rate towards the viewer, kbit/s")
      ->check(CLI::Range(1.0, 10'000'000.0));
  command
      ->add_option("--call", given.calls,
                   "SERVER TOOL [{…}], for the callers; without: tools declared read-only that "
                   "need no arguments")
      ->allow_extra_args(false);
  command
      ->add_option("--objective", given.objectives,
                   "FIGURE<=NUMBER or FIGURE>=NUMBER of the summary; decides the exit code. "
                   "Without: no failed join or call, no lost connection")
      ->allow_extra_args(false);
}

}  // namespace telltale::cli
