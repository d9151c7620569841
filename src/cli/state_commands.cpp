#include "cli/state_commands.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "audit/verify.hpp"
#include "store/state_directory.hpp"

namespace telltale::cli {
namespace {

constexpr int kBroken = 1;
constexpr int kCannot = 2;

int complain(const base::Error& error) {
  fmt::print(stderr, "telltale: {}\n", error.detail);
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
  if (!verdict) return complain(verdict.error());
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
  audit->callback([options, choose] { choose([options] { return verify_audit(*options); }); });
}

}  // namespace telltale::cli
