// Desk: makes reports, keeps their files and records (the newest 200, for 90 days), sends them by
// mail. Work that blocks is on the pool and on the store's readers. From any loop; owned by the
// composition root.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "mail/mailer.hpp"
#include "reporting/files.hpp"
#include "reporting/kinds.hpp"
#include "runtime/operation.hpp"
#include "store/reports.hpp"

namespace telltale::reporting {

struct Order {
  std::string kind;
  std::vector<std::string> formats;
  store::Range range;
  std::string run, other;       // of the lab's kinds
  base::JsonObject parameters;  // as they were given
};

class Desk {
 public:
  static constexpr std::size_t kKept = 200;
  static constexpr auto kKeptFor = std::chrono::hours(24 * 90);
  // What a kind needs that the store does not have.
  struct Kind {
    std::string permission;  // to make it, and to read it
    bool of_runs = false;    // `run` (and of a comparison `other`) instead of a time
    bool junit = false;      // makes that format too
    std::function<runtime::TaskResult<Report>(Question)> make;
  };
  struct Parts {
    store::Store& store;
    runtime::BlockingPool& blocking;
    mail::Mailer& mailer;
    std::string folder;
    std::map<std::string, Kind> kinds;  // beside fleet_health and incident
    // From an id or a name to a server's name; nothing: there is none, or the actor sees none.
    std::function<std::optional<std::string>(const runtime::Actor&, const std::string&)> server;
  };
  explicit Desk(Parts parts);
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  static runtime::TaskResult<base::JsonObject> make(Desk* self, runtime::Actor actor, Order order);
  static runtime::TaskResult<base::JsonArray> list(Desk* self, runtime::Actor actor);
  // One's own, or any when one sees every server. not_found else.
  static runtime::TaskResult<store::ReportRecord> find(Desk* self, runtime::Actor actor,
                                                       std::string id);
  static runtime::TaskResult<std::string> read(Desk* self, std::string id, const Format* format);
  static runtime::TaskResult<bool> remove(Desk* self, std::string id);
  struct Letter {
    std::vector<std::string> to;
    std::string subject, text;
    std::vector<std::string> formats;  // none: all the report has
  };
  static runtime::TaskResult<bool> send(Desk* self, store::ReportRecord record, Letter letter);

  const Parts& parts() const noexcept { return parts_; }
  // permission_denied: what it tells is not for him.
  base::Result<void> admit(const runtime::Actor& actor, const std::string& kind) const;
  bool has_kind(const std::string& kind) const;
  // Null: made of the store's history.
  const Kind* given_kind(const std::string& kind) const;
  base::WallTime now() const { return parts_.store.clock().wall(); }

 private:
  static runtime::TaskResult<Report> gather(Desk* self, runtime::Actor actor, std::string kind,
                                            Question question);
  static runtime::TaskResult<bool> forget_old(Desk* self);

  Parts parts_;
  Files files_;
};

base::JsonObject to_json(const store::ReportRecord& record);

}  // namespace telltale::reporting
