// A plugin for clang-tidy 19: its checks walk our declarations only. Of itself it matches every declaration of Boost and of
// the standard library for every file, tells nothing of them, and needs most of its time for that (LLVM 21 does as this does).
#include <clang-tidy/ClangTidyCheck.h>
#include <clang-tidy/ClangTidyModule.h>
#include <clang-tidy/ClangTidyModuleRegistry.h>

#include <cstdlib>
#include <fstream>

namespace {

class OwnCode : public clang::tidy::ClangTidyCheck {
 public:
  using ClangTidyCheck::ClangTidyCheck;

  void registerMatchers(clang::ast_matchers::MatchFinder* finder) override {
    finder->addMatcher(clang::ast_matchers::translationUnitDecl().bind("unit"), this);
  }

  // The unit is matched before what it holds: what is the scope from here on is what all checks see.
  void check(const clang::ast_matchers::MatchFinder::MatchResult& found) override {
    const auto* unit = found.Nodes.getNodeAs<clang::TranslationUnitDecl>("unit");
    const clang::SourceManager& sources = *found.SourceManager;
    std::vector<clang::Decl*> own;
    for (clang::Decl* declared : unit->decls())
      if (!sources.isInSystemHeader(sources.getExpansionLoc(declared->getBeginLoc()))) own.push_back(declared);
    found.Context->setTraversalScope(own);
    if (const char* to = std::getenv("TELLTALE_TIDY_FILES")) write_files(sources, to);
  }

 private:
  // What this unit is made of, so that it need not be read again while all that is as it was.
  static void write_files(const clang::SourceManager& sources, const char* to) {
    std::ofstream out(to);
    for (auto file = sources.fileinfo_begin(); file != sources.fileinfo_end(); ++file)
      if (const auto name = file->first.getFileEntry().tryGetRealPathName(); !name.empty() && !name.starts_with("/usr/"))
        out << name.str() << '\n';
  }
};

class OwnCodeModule : public clang::tidy::ClangTidyModule {
 public:
  void addCheckFactories(clang::tidy::ClangTidyCheckFactories& factories) override {
    factories.registerCheck<OwnCode>("telltale-own-code");
  }
};

const clang::tidy::ClangTidyModuleRegistry::Add<OwnCodeModule> kAdded("telltale", "what makes clang-tidy quick here");

}  // namespace
