#include "lab/conformance/check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "lab/conformance/judging.hpp"
#include "lab/conformance/scripts.hpp"
#include "mcp/era_probe.hpp"
#include "mcp/jsonrpc.hpp"
#include "mcp/protocol.hpp"
#include "runtime/finally.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"

namespace telltale::lab {
namespace {

constexpr std::string_view kUnknownVersion = "1999-01-01";
constexpr std::string_view kOldVersion = "2024-11-05";
constexpr base::Duration kStartTime = std::chrono::seconds(15);  // to its very first answer
constexpr std::size_t kAtOnce = 3;  // scenes, each with a process of its own

struct Part {
  Scene* scene = nullptr;
  mcp::Era era = mcp::Era::legacy;
  Script script = nullptr;
  Play play;
};

bool selects(const std::vector<std::string>& names, const Rule& rule) {
  return std::ranges::any_of(
      names, [&](const std::string& name) { return name == rule.id || name == rule.group(); });
}

class Examination {
 public:
  Examination(runtime::Loop& loop, mcp::Target target, ConformanceSettings settings)
      : loop_(loop),
        target_(std::move(target)),
        settings_(std::move(settings)),
        tasks_(loop, "lab conformance"),
        ended_(loop),
        stdio_(std::holds_alternative<mcp::StdioTarget>(target_)) {
    for (const auto* rule : all_rules())
      if ((settings_.only.empty() || selects(settings_.only, *rule)) &&
          !selects(settings_.skip, *rule))
        rules_.push_back(rule);
  }

  static runtime::TaskResult<ConformanceResult> run(Examination* self) {
    return runtime::finally(work(self), self->tasks_.stop());
  }

 private:
  static runtime::TaskResult<ConformanceResult> work(Examination* self) {
    if (auto found = co_await find_eras(self); !found) co_return std::unexpected(found.error());
    for (auto& record : self->records_) {
      co_await play_all(self, self->parts_for(&record));
      co_await go_on_with_garbage(self, &record);
      self->learn(record);
    }
    self->judge();
    self->describe();
    co_return std::move(self->result_);
  }

  // One scene on an instance of its own, whose end is the end of the instance.
  static runtime::Task<bool> play(Examination* self, Part part) {
    auto wire = Wire::make(self->loop_, self->target_);
    const auto name = part.scene->name;
    // The wire lives here, longer than the script.
    const auto good =
        co_await runtime::finally(play_on(self, std::move(part), wire), wire->close());
    ++self->scenes_ended_;
    if (self->settings_.on_scene)
      self->settings_.on_scene(self->scenes_ended_, self->scenes_known_, name);
    co_return good;
  }
  static runtime::Task<bool> play_on(Examination* self, Part part, std::shared_ptr<Wire> wire) {
    if (auto opened = co_await wire->open(); !opened) {
      part.scene->trouble = opened.error().detail;
      co_return false;
    }
    auto talk = std::make_shared<Conversation>(wire, part.era, part.scene, part.play.limit,
                                               self->loop_.clock());
    co_return co_await part.script(talk, std::move(part.play));
  }

  static runtime::Task<> play_in_turn(Examination* self, std::shared_ptr<std::vector<Part>> parts,
                                      std::shared_ptr<std::size_t> next) {
    while (*next < parts->size()) co_await play(self, (*parts)[(*next)++]);
    if (--self->players_ == 0) self->ended_.notify_all();
  }
  static runtime::Task<> play_all(Examination* self, std::vector<Part> all) {
    const auto parts = std::make_shared<std::vector<Part>>(std::move(all));
    const auto next = std::make_shared<std::size_t>(0);
    const auto count = std::min(kAtOnce, parts->size());
    self->players_ = count;
    for (std::size_t i = 0; i < count; ++i)
      self->tasks_.spawn("lab.scenes", play_in_turn(self, parts, next));
    while (self->players_ > 0) co_await self->ended_.wait();
  }

  Part part(Record* record, std::string name, Script script, std::string version,
            base::Duration limit) {
    auto& scene = record->scenes.emplace_back();
    scene.name = std::move(name);
    ++scenes_known_;
    return {.scene = &scene,
            .era = record->era,
            .script = script,
            .play = {
                .version = std::move(version), .limit = limit, .allowed = settings_.allowed_tools}};
  }

  // server/discover and initialize, each first on an instance of its own.
  static runtime::TaskResult<bool> find_eras(Examination* self) {
    Record modern{.era = mcp::Era::modern, .stdio = self->stdio_};
    Record legacy{.era = mcp::Era::legacy, .stdio = self->stdio_};
    const auto limit = self->settings_.request_timeout;
    std::vector<Part> parts;
    parts.push_back(self->part(&modern, "discover", play_discover, "",
                               std::min(limit, self->settings_.era_timeout)));
    parts.push_back(self->part(&legacy, "version", play_version, std::string(kUnknownVersion),
                               std::max<base::Duration>(limit, kStartTime)));
    co_await play_all(self, std::move(parts));
    const auto* greeted = legacy.step("version", "initialize");
    const auto spoke = [](const Step* step) {
      return step != nullptr && (step->answered() || step->status != 0);
    };
    // Who needs longer than that to start was not yet there to be silent: once more, with time.
    const bool slow = spoke(greeted) && greeted->took > self->settings_.era_timeout / 2;
    if (self->stdio_ && slow && !spoke(modern.step("discover", "server/discover"))) {
      modern.scenes.clear();
      parts.clear();
      parts.push_back(self->part(&modern, "discover", play_discover, "",
                                 greeted->took + self->settings_.era_timeout));
      co_await play_all(self, std::move(parts));
    }
    const auto* discovered = modern.step("discover", "server/discover");
    // One that writes what nobody can read is there, and is told so.
    const auto wrote = [](const Record& record) {
      return std::ranges::any_of(record.scenes,
                                 [](const Scene& scene) { return !scene.messages.empty(); });
    };
    if (!spoke(discovered) && !spoke(greeted) && !wrote(modern) && !wrote(legacy)) {
      const auto& scene = legacy.scenes.front();
      co_return base::fail(base::Code::unavailable,
                           "the server does not answer: " +
                               (scene.trouble.empty() ? "nothing in time" : scene.trouble));
    }
    const bool is_modern = discovered != nullptr && speaks_modern(*discovered);
    const bool refused = greeted == nullptr || greeted->result() == nullptr;
    if (is_modern) self->records_.push_back(std::move(modern));
    if (!is_modern || !refused) self->records_.push_back(std::move(legacy));
    co_return true;
  }

  static bool speaks_modern(const Step& step) {
    base::Result<base::JsonObject> answer;
    if (step.result() != nullptr)
      answer = *step.result();
    else if (step.error() != nullptr)
      answer = std::unexpected(mcp::error_of(*step.error()));
    else
      return false;
    const auto kind = mcp::judge_probe(answer).kind;
    return kind == mcp::ProbeVerdict::Kind::modern || kind == mcp::ProbeVerdict::Kind::retry ||
           kind == mcp::ProbeVerdict::Kind::incompatible;
  }

  std::vector<Part> parts_for(Record* record) {
    const bool modern = record->era == mcp::Era::modern;
    unsigned wanted = scene::kSession;
    for (const auto* rule : rules_) wanted |= why_not(*rule, *record).empty() ? rule->scenes : 0;
    const auto limit = settings_.request_timeout;
    const std::string newest(modern ? mcp::kModernVersion : mcp::kNewestLegacy);
    std::vector<Part> out;
    out.push_back(part(record, "session", play_session, newest, limit));
    if ((wanted & scene::kGarbage) != 0)
      out.push_back(part(record, "garbage", play_garbage, newest, limit));
    if (!stdio_ && (wanted & scene::kHttp) != 0)
      out.push_back(part(record, "http", modern ? play_http_modern : play_http, newest, limit));
    if (modern) return out;
    if ((wanted & scene::kEarly) != 0)
      out.push_back(part(record, "early", play_early, newest, limit));
    if ((wanted & scene::kVersions) != 0) {
      out.push_back(part(record, "old-version", play_version, std::string(kOldVersion), limit));
      const auto* step = record->step("version", "initialize");
      const auto named = step == nullptr || step->result() == nullptr
                             ? ""
                             : base::string_or(*step->result(), "protocolVersion");
      if (!named.empty() && named != newest && named != kOldVersion && named != kUnknownVersion)
        out.push_back(part(record, "named-version", play_version, named, limit));
    }
    return out;
  }

  // A server that died of one input is started again for the next.
  static runtime::Task<bool> go_on_with_garbage(Examination* self, Record* record) {
    for (std::size_t again = 2; again <= garbage_inputs().size(); ++again) {
      const Scene* last = nullptr;
      for (const auto& scene : record->scenes)
        if (scene.name.starts_with("garbage")) last = &scene;
      if (last == nullptr || !last->initialized) co_return true;
      std::size_t next = 0;
      const auto& all = garbage_inputs();
      for (std::size_t i = 0; i < all.size(); ++i)
        for (const auto& scene : record->scenes)
          if (scene.name.starts_with("garbage") && scene.step(all[i].name) != nullptr) next = i + 1;
      if (next >= all.size()) co_return true;
      const auto version =
          record->era == mcp::Era::modern ? mcp::kModernVersion : mcp::kNewestLegacy;
      auto part = self->part(record, fmt::format("garbage {}", again), play_garbage,
                             std::string(version), self->settings_.request_timeout);
      part.play.garbage_from = next;
      co_await play(self, std::move(part));
    }
    co_return true;
  }

  // What the judges need to know of the server.
  void learn(Record& record) {
    const bool modern = record.era == mcp::Era::modern;
    const auto* step = record.step("session", modern ? "server/discover" : "initialize");
    const auto* opened = step == nullptr ? nullptr : step->result();
    if (opened == nullptr) return;
    if (const auto* given = base::find_object(*opened, "capabilities"))
      record.capabilities = *given;
    const auto* info = base::find_object(*opened, "serverInfo");
    if (const auto* meta = base::find_object(*opened, "_meta"); info == nullptr && meta != nullptr)
      info = base::find_object(*meta, mcp::meta::kServerInfo);
    if (info != nullptr) record.server_info = *info;
    record.version =
        modern ? std::string(mcp::kModernVersion) : base::string_or(*opened, "protocolVersion");
    if (result_.instructions.empty())
      result_.instructions = base::string_or(*opened, "instructions");
  }

  RuleResult judge_in(const Rule& rule, const Record& record) const {
    RuleResult out{.rule = &rule, .era = record.era};
    out.detail = why_not(rule, record);
    if (!out.detail.empty()) return out;
    auto verdict = rule.judge(record);
    out.outcome = verdict.outcome;
    out.detail = std::move(verdict.detail);
    if (out.outcome == RuleOutcome::failed)
      out.finding = Finding{.rule = std::string(rule.id),
                            .level = rule.level,
                            .section = rule.section(record.era),
                            .detail = out.detail,
                            .remedy = std::string(rule.remedy),
                            .evidence = std::move(verdict.evidence)};
    return out;
  }

  // A server of both eras keeps a rule when it keeps it in both.
  void judge() {
    const auto weight = [](RuleOutcome outcome) {
      return outcome == RuleOutcome::failed ? 2 : outcome == RuleOutcome::passed ? 1 : 0;
    };
    for (const auto* rule : rules_) {
      std::optional<RuleResult> worst;
      for (const auto& record : records_) {
        auto one = judge_in(*rule, record);
        if (!worst || weight(one.outcome) > weight(worst->outcome)) worst = std::move(one);
      }
      if (!worst) continue;
      result_.rules.push_back(std::move(*worst));
    }
  }

  void describe() {
    result_.stdio = stdio_;
    for (const auto& record : records_) {
      result_.eras.push_back(record.era);
      if (result_.version.empty()) result_.version = record.version;
      if (result_.server_info.empty()) result_.server_info = record.server_info;
      if (result_.capabilities.empty()) result_.capabilities = record.capabilities;
      const auto take = [&](base::JsonArray& into, auto method, auto member) {
        if (into.empty())
          for (const auto& item : items(record, method, member)) into.push_back(*item.value);
      };
      take(result_.tools, "tools/list", "tools");
      take(result_.resources, "resources/list", "resources");
      take(result_.prompts, "prompts/list", "prompts");
    }
    if (!records_.empty()) describe_garbage(records_.front());
  }

  void describe_garbage(const Record& record) {
    auto inputs = garbage_inputs();
    for (const auto& input : inputs)
      for (const auto& scene : record.scenes) {
        if (!scene.name.starts_with("garbage")) continue;
        const auto* step = scene.step(input.name);
        if (step == nullptr) continue;
        result_.garbage.push_back({.name = std::string(input.name),
                                   .what = std::string(input.what),
                                   .wants_error = input.wants_error,
                                   .refused = step->error() != nullptr || step->status >= 400,
                                   .alive = step->alive,
                                   .answer = answer_of(*step),
                                   .ms = base::to_ms(step->took)});
        break;
      }
    for (const auto& scene : record.scenes)
      if (const auto* step = scene.step("duplicate-id 1")) {
        const auto* last = scene.step("last");
        result_.garbage.push_back({.name = "duplicate-id",
                                   .what = "two requests under one id at once",
                                   .refused = step->error() != nullptr,
                                   .alive = last != nullptr && last->answered(),
                                   .answer = answer_of(*step),
                                   .ms = base::to_ms(step->took)});
      }
  }

  runtime::Loop& loop_;
  mcp::Target target_;
  ConformanceSettings settings_;
  runtime::TaskGroup tasks_;
  runtime::Notifier ended_;
  bool stdio_;
  std::size_t players_ = 0;
  std::size_t scenes_known_ = 0, scenes_ended_ = 0;
  std::vector<const Rule*> rules_;
  std::deque<Record> records_;
  ConformanceResult result_;
};

}  // namespace

std::size_t ConformanceResult::count(RuleOutcome outcome, std::optional<Level> level) const {
  return static_cast<std::size_t>(std::ranges::count_if(rules, [&](const RuleResult& one) {
    return one.outcome == outcome && (!level || one.rule->level == *level);
  }));
}

runtime::TaskResult<ConformanceResult> check_conformance(runtime::Loop* loop, mcp::Target target,
                                                         ConformanceSettings settings) {
  Examination examination(*loop, std::move(target), std::move(settings));
  co_return co_await Examination::run(&examination);
}

std::vector<std::string> unknown_rules(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const auto& name : names)
    if (std::ranges::none_of(all_rules(), [&](const Rule* rule) {
          return rule->id == name || rule->group() == name;
        }))
      out.push_back(name);
  return out;
}

}  // namespace telltale::lab
