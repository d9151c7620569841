#include "cli/state_commands.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "audit/restore.hpp"
#include "audit/verify.hpp"
#include "cli/output.hpp"
#include "store/backup.hpp"
#include "store/state_directory.hpp"

namespace telltale::cli {
namespace {

constexpr int kBroken = 1;
constexpr int kCannot = 2;

int cannot(const base::Error& error) {
  (void)complain(error);
  return kCannot;
}

int verify_audit(const StateOptions& options) {
  audit::VerifyInput input{.database = options.database.empty()
                                           ? options.state_directory + "/telltale.db"
                                           : options.database,
                           .heads = options.heads,
                           .public_key = options.public_key};
  if (!options.known.empty()) input.known = options.known;
  const auto verdict = audit::verify(input);
  if (!verdict) return cannot(verdict.error());
  if (options.json) {
    fmt::print("{}\n", base::write_json(base::to_json(*verdict)));
  } else {
    fmt::print("{}: {} entries, signed up to {}\n", input.database, verdict->entries,
               verdict->signed_up_to);
    if (verdict->broken_at) fmt::print("BROKEN at entry {}: ", *verdict->broken_at);
    fmt::print("{}\n", verdict->detail);
  }
  return verdict->ok ? 0 : kBroken;
}

int back_up(const StateOptions& options) {
  const auto report = store::back_up(options.state_directory + "/telltale.db", options.file);
  if (!report) return cannot(report.error());
  if (options.json)
    fmt::print("{}\n", base::write_json(base::to_json(*report)));
  else
    fmt::print("{}: {} bytes, schema {}, {} audit entries\n", report->file, report->bytes,
               report->schema, report->audit_entries);
  return 0;
}

int restore(const StateOptions& options) {
  const auto report = audit::restore(options.state_directory, options.file);
  if (!report) return cannot(report.error());
  if (options.json) {
    fmt::print("{}\n", base::write_json(base::to_json(*report)));
    return 0;
  }
  fmt::print("{} is in place: schema {}, audit up to entry {}\n", options.file, report->schema,
             report->audit_seq);
  if (!report->replaced.empty()) fmt::print("what was there before is {}\n", report->replaced);
  return 0;
}

CLI::App* add(CLI::App& app, const std::string& name, const std::string& help,
              const std::shared_ptr<StateOptions>& options) {
  auto* const command = app.add_subcommand(name, help);
  command->add_option("--persistence-path", options->state_directory, "State directory")
      ->envname("TELLTALE_PERSISTENCE_PATH")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON");
  return command;
}

}  // namespace

void add_state_commands(CLI::App& app, std::function<void(std::function<int()>)> choose) {
  const auto options = std::make_shared<StateOptions>();
  options->state_directory = store::default_state_directory();
  auto* const audit =
      add(app, "audit", "Check the audit of a stopped or running server's files", options);
  audit->add_option("verb", options->verb, "verify")->required()->check(CLI::IsMember({"verify"}));
  audit->add_option("--db", options->database, "The database; else the state directory's");
  audit->add_option("--heads", options->heads, "The file of heads; else beside the database");
  audit->add_option("--public-key", options->public_key, "audit.pub; else beside the database");
  audit->add_option("--head", options->known,
                    "SEQ:HASH, a head noted elsewhere (the server's log has them)");
  auto* const backup =
      add(app, "backup", "Copy the database of a stopped or running server into FILE", options);
  backup->add_option("file", options->file, "It must not exist yet")->required();
  backup->callback([options, choose] { choose([options] { return back_up(*options); }); });
  auto* const restoring =
      add(app, "restore", "Put a backup in place of a stopped server's database", options);
  restoring->add_option("file", options->file, "What `telltale backup` made")->required();
  restoring->callback([options, choose] { choose([options] { return restore(*options); }); });
  audit->callback([options, choose] { choose([options] { return verify_audit(*options); }); });
}

}  // namespace telltale::cli
