#include "cli/completion.hpp"

#include <fmt/format.h>

namespace telltale::cli {
namespace {

std::string flags_of(const CLI::App& command) {
  std::string out;
  for (const auto* option : command.get_options())
    for (const auto& name : option->get_lnames()) out += " --" + name;
  return out;
}

}  // namespace

int print_completion(const CLI::App& root, const std::string& shell) {
  std::string names;
  std::string cases;
  for (const auto* command : root.get_subcommands([](const CLI::App*) { return true; })) {
    names += " " + command->get_name();
    cases += fmt::format("    {}) words=\"{}\" ;;\n", command->get_name(), flags_of(*command));
    if (shell == "fish")
      fmt::print("complete -c telltale -n __fish_use_subcommand -a {} -d '{}'\n",
                 command->get_name(), command->get_description());
  }
  if (shell == "fish") return 0;
  if (shell == "zsh") fmt::print("autoload -U +X bashcompinit && bashcompinit\n");
  fmt::print(
      "_telltale() {{\n  local words=\"{}\"\n  case \"${{COMP_WORDS[1]}}\" in\n{}  esac\n"
      "  [ \"$COMP_CWORD\" -eq 1 ] && words=\"{}\"\n  COMPREPLY=($(compgen -W \"$words\" -- "
      "\"${{COMP_WORDS[COMP_CWORD]}}\"))\n}}\n"
      "complete -o default -F _telltale telltale\n",
      names, cases, names);
  return 0;
}

}  // namespace telltale::cli
