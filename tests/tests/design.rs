//! The structure of the code against DESIGN.md: every room has its line, no room imports another in a circle, and
//! the judge depends on nothing that could touch the world.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use relapse_tests::project;
use syn::visit::Visit;
use syn::{Item, ItemMod, ItemUse, UseTree, Visibility};

/// The crates, each with the folder of its sources.
const CRATES: [&str; 2] = ["harness/judge/src", "harness/src"];

/// Files that import each other in a circle.
const KNOWN_CIRCLES: [&[&str]; 7] = [
    &[
        "cli",
        "cli/catalogue",
        "cli/clean",
        "cli/lend",
        "cli/outputs",
        "cli/run",
    ],
    &["cluster/kind", "cluster/kind/configuration"],
    &["evidence/recorded", "evidence/stamp"],
    &["manifest", "manifest/parse"],
    &["replay", "replay/fit"],
    &["watch", "watch/definitions", "watch/logs", "watch/objects"],
    &["witness", "witness/events", "witness/gaps", "witness/lines"],
];

/// A module's path below its crate, or an item's.
type Names = Vec<String>;

/// The modules of a crate, without its tests.
struct Modules(BTreeMap<Names, Imports>);

/// What one file imports.
#[derive(Default)]
struct Imports {
    module: Names,
    /// Everything that it names by a path of its crate.
    used: BTreeSet<Names>,
    /// What its own name gives to other files: `use a::b` makes `b` available in the module.
    given: BTreeMap<String, Names>,
    /// How deep in modules that are written in the file itself.
    inside: Names,
}

impl Imports {
    /// A path as it is written, from the crate's root on; none where it leads out of the crate.
    fn resolve(&self, written: &[String], children: &BTreeSet<String>) -> Option<Names> {
        let here = || [self.module.clone(), self.inside.clone()].concat();
        match written.first()?.as_str() {
            "crate" => Some(written[1..].to_vec()),
            "self" => Some([here(), written[1..].to_vec()].concat()),
            "super" => {
                let ups = written.iter().take_while(|part| *part == "super").count();
                let here = here();
                let up = here[..here.len().checked_sub(ups)?].to_vec();
                Some([up, written[ups..].to_vec()].concat())
            }
            first if self.inside.is_empty() && children.contains(first) => {
                Some([self.module.clone(), written.to_vec()].concat())
            }
            _ => None,
        }
    }
}

/// Reads the paths of one file.
struct Reader<'a> {
    imports: Imports,
    children: &'a BTreeSet<String>,
}

impl Reader<'_> {
    fn tree(&mut self, before: &[String], tree: &UseTree, is_public: bool) {
        let with = |name: &syn::Ident| [before.to_vec(), vec![name.to_string()]].concat();
        let (path, name) = match tree {
            UseTree::Path(path) => return self.tree(&with(&path.ident), &path.tree, is_public),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(before, tree, is_public);
                }
                return;
            }
            UseTree::Name(name) if name.ident == "self" => {
                (before.to_vec(), before.last().cloned())
            }
            UseTree::Name(name) => (with(&name.ident), Some(name.ident.to_string())),
            UseTree::Rename(name) => (with(&name.ident), Some(name.rename.to_string())),
            UseTree::Glob(_) => (before.to_vec(), None),
        };
        let Some(path) = self.imports.resolve(&path, self.children) else {
            return;
        };
        if let Some(name) = name.filter(|_| self.imports.inside.is_empty()) {
            self.imports.given.insert(name, path.clone());
        }
        if !is_public {
            self.imports.used.insert(path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_public = !matches!(item.vis, Visibility::Inherited);
        self.tree(&[], &item.tree, is_public);
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if module.content.is_some() && !is_test(module) {
            self.imports.inside.push(module.ident.to_string());
            syn::visit::visit_item_mod(self, module);
            self.imports.inside.pop();
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let written: Names = path
            .segments
            .iter()
            .map(|one| one.ident.to_string())
            .collect();
        if written.len() > 1
            && let Some(path) = self.imports.resolve(&written, self.children)
        {
            self.imports.used.insert(path);
        }
        syn::visit::visit_path(self, path);
    }
}

fn is_test(module: &ItemMod) -> bool {
    module.attrs.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "test")
    })
}

impl Modules {
    fn of(root: &Path) -> Self {
        let files: BTreeMap<Names, PathBuf> = sources(root)
            .into_iter()
            .map(|file| (module(&file, root), file))
            .filter(|(module, _)| !is_for_tests(module))
            .collect();
        let read = |(module, file): (&Names, &PathBuf)| {
            let children = files
                .keys()
                .filter(|other| other.split_last().is_some_and(|(_, up)| up == module));
            let children: BTreeSet<String> =
                children.filter_map(|child| child.last().cloned()).collect();
            let parsed = syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap();
            let imports = Imports {
                module: module.clone(),
                ..Imports::default()
            };
            let mut reader = Reader {
                imports,
                children: &children,
            };
            reader.visit_file(&parsed);
            (module.clone(), reader.imports)
        };
        Self(files.iter().map(read).collect())
    }

    /// The module in which something is written: names that a room only passes on are followed.
    fn home(&self, path: &Names) -> Names {
        let mut path = path.clone();
        for _ in 0..8 {
            let depth = (0..=path.len())
                .rev()
                .find(|depth| self.0.contains_key(&path[..*depth]));
            let (module, rest) = path.split_at(depth.unwrap_or_default());
            match rest.first().and_then(|name| self.0[module].given.get(name)) {
                Some(further) if *further != path => {
                    path = [further.clone(), rest[1..].to_vec()].concat();
                }
                _ => return module.to_vec(),
            }
        }
        path
    }

    /// Modules that import each other, seen as the first `depth` names of their paths.
    fn circles(&self, depth: usize) -> Vec<Vec<String>> {
        let short = |module: &Names| module[..module.len().min(depth)].join("/");
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut edges: BTreeSet<(String, String)> = BTreeSet::new();
        for (module, imports) in &self.0 {
            for used in &imports.used {
                let (from, to) = (short(module), short(&self.home(used)));
                if from != to {
                    names.extend([from.clone(), to.clone()]);
                    edges.insert((from, to));
                }
            }
        }
        let mut graph = DiGraphMap::<&str, (), std::hash::RandomState>::new();
        for (from, to) in &edges {
            graph.add_edge(from.as_str(), to.as_str(), ());
        }
        let circles = tarjan_scc(&graph)
            .into_iter()
            .filter(|circle| circle.len() > 1);
        circles
            .map(|circle| circle.into_iter().map(str::to_owned).collect())
            .collect()
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The module that a file is.
fn module(file: &Path, root: &Path) -> Names {
    let path = file.strip_prefix(root).unwrap().with_extension("");
    let names = path.iter().map(|name| name.to_string_lossy().into_owned());
    names
        .filter(|name| !["mod", "lib", "main"].contains(&name.as_str()))
        .collect()
}

fn is_for_tests(module: &Names) -> bool {
    module
        .iter()
        .any(|name| name == "tests" || name == "testing")
}

#[test]
fn no_room_imports_another_in_a_circle() {
    for root in CRATES {
        let circles = Modules::of(&project().join(root)).circles(1);
        assert!(circles.is_empty(), "{root}: {circles:#?}");
    }
}

/// Inside of rooms some are left; no other may come, and one that is gone goes from here.
#[test]
fn no_file_imports_another_in_a_circle_that_is_not_known() {
    let mut circles: Vec<Vec<String>> = Vec::new();
    for root in CRATES {
        circles.extend(Modules::of(&project().join(root)).circles(usize::MAX));
    }
    for circle in &mut circles {
        circle.sort();
    }
    circles.sort();
    assert_eq!(circles, KNOWN_CIRCLES);
}

#[test]
fn every_room_has_a_line_in_the_design() {
    let text = fs::read_to_string(project().join("DESIGN.md")).unwrap();
    let section = text.split("## Rooms").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let lines = section.lines().filter_map(|line| line.strip_prefix("- `"));
    let designed: BTreeSet<&str> = lines.filter_map(|line| line.split('`').next()).collect();
    let mut there = BTreeSet::new();
    for root in CRATES {
        let modules = sources(&project().join(root)).into_iter();
        let modules = modules.map(|file| module(&file, &project().join(root)));
        there.extend(modules.filter_map(|module| module.first().cloned()));
    }
    assert_eq!(designed, there.iter().map(String::as_str).collect());
}

#[test]
fn the_judge_depends_on_nothing_that_touches_the_world() {
    let tree = std::process::Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--package",
            "relapse-judge",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ])
        .current_dir(project())
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.starts_with("relapse-judge "), "{tree}");
    for line in tree.lines() {
        let name = line.split(' ').next().unwrap_or_default();
        let touches = [
            "tokio",
            "kube",
            "kube-client",
            "hyper",
            "http",
            "rustls",
            "mio",
        ];
        assert!(!touches.contains(&name), "{name}");
    }
}

#[test]
fn no_two_types_of_a_crate_have_the_same_name() {
    for root in CRATES {
        let root = project().join(root);
        let mut names: BTreeMap<String, PathBuf> = BTreeMap::new();
        for source in sources(&root) {
            if is_for_tests(&module(&source, &root)) {
                continue;
            }
            let parsed = syn::parse_file(&fs::read_to_string(&source).unwrap()).unwrap();
            for item in parsed.items {
                let name = match item {
                    Item::Struct(item) => item.ident,
                    Item::Enum(item) => item.ident,
                    Item::Trait(item) => item.ident,
                    Item::Type(item) => item.ident,
                    _ => continue,
                };
                if let Some(other) = names.insert(name.to_string(), source.clone()) {
                    panic!("{name}: {} and {}", other.display(), source.display());
                }
            }
        }
    }
}

/// The standard library has a clock and programs too, and jiff brings a clock for others.
#[test]
fn the_judge_reads_no_clock_and_starts_no_program() {
    let root = project().join(CRATES[0]);
    for source in sources(&root) {
        let text = fs::read_to_string(&source).unwrap();
        for word in [
            "Instant::now",
            "SystemTime",
            "Timestamp::now",
            "Zoned::now",
            "process::Command",
            "std::net",
        ] {
            assert!(!text.contains(word), "{}: {word}", source.display());
        }
    }
}

#[test]
fn files_and_folders_stay_small() {
    for folder in [
        "harness/judge/src",
        "harness/src",
        "tests/tests",
        "tests/src",
    ] {
        let mut files: BTreeMap<PathBuf, usize> = BTreeMap::new();
        for source in sources(&project().join(folder)) {
            let lines = fs::read_to_string(&source).unwrap().lines().count();
            assert!(lines <= 450, "{}: {lines} lines", source.display());
            *files
                .entry(source.parent().unwrap().to_owned())
                .or_default() += 1;
        }
        for (folder, count) in files {
            assert!(count <= 22, "{}: {count} files", folder.display());
        }
    }
}
