// `probe` on the command line.
#include "cli/commands.hpp"

namespace telltale::cli {

void Commands::add_probe_to(CLI::App& app) {
  auto* const probe = add(
      app, "probe", "Examine one server, no daemon needed: conformance, latency, garbage, recovery",
      [this] { return run_probe(probe_); }, false);
  probe->add_option("target", probe_.target, "A URL, or -- COMMAND ARGS…");
  probe->add_option("--header", probe_.headers, "'Name: value', sent with every request to a URL")
      ->allow_extra_args(false);
  probe->add_option("--rule", probe_.rules, "Judge only this rule or group; may be given again")
      ->allow_extra_args(false);
  probe->add_option("--skip", probe_.skipped, "Leave out this rule or group")
      ->allow_extra_args(false);
  probe
      ->add_option("--allow-tool", probe_.allowed_tools,
                   "This tool may be called too, though it is not marked readOnlyHint")
      ->allow_extra_args(false);
  probe->add_option("--json", probe_.json, "Write the card as JSON to this file; - is stdout");
  probe->add_option("--html", probe_.html, "Write the card as a page to this file; - is stdout");
  probe->add_option("--timeout", probe_.timeout_s, "Seconds for all of it")->capture_default_str();
  probe->add_option("--request-timeout", probe_.request_timeout_s, "Seconds for one request")
      ->capture_default_str();
  probe->add_flag("--list-rules", probe_.list_rules, "Print all rules and end");
  probe->add_flag("--rules-only", probe_.rules_only, "No measurements of latency and recovery");
  probe->add_flag("--evidence", probe_.evidence, "Print the messages behind each finding");
  probe->add_flag("--strict", probe_.strict, "A broken SHOULD fails too");
}

}  // namespace telltale::cli
