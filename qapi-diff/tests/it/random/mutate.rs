//! Changes of schemas, of every kind that the rules know.

use qapi_test_support::Random;

use super::{BUILTINS, Body, CONDITIONS, FEATURES, MemberSpec, Part, Ref, Spec};

/// A schema that differs in one way or a few, some of which may not matter.
pub(crate) fn mutate(spec: &Spec, random: &mut Random) -> Spec {
    let mut spec = spec.clone();
    for _ in 0..=random.below(3) {
        spec.change(random);
    }
    spec
}

impl Spec {
    fn change(&mut self, random: &mut Random) {
        match random.below(20) {
            0 => self.add_command(random),
            1 => self.add_event(random),
            2 if self.commands.len() > 1 => {
                let index = random.below(self.commands.len());
                self.commands.remove(index);
            }
            3 if self.events.len() > 1 => {
                let index = random.below(self.events.len());
                self.events.remove(index);
            }
            4 | 12 | 13 => self.change_command(random),
            14 | 15 => self.decorate(random),
            5 => {
                let index = random.below(self.types.len());
                self.types[index].name = self.fresh("Renamed");
            }
            6 | 7 => self.change_values(random),
            8 => self.change_alternatives(random),
            9 => self.wrap(random),
            10 | 11 => self.move_member(random),
            _ => self.change_members(random),
        }
    }

    /// Gives something a condition or a feature, or takes them away.
    pub(super) fn decorate(&mut self, random: &mut Random) {
        let index = random.below(self.types.len());
        match &mut self.types[index].body {
            Body::Enum(values) => {
                let value = random.below(values.len());
                change_part(&mut values[value], random);
            }
            _ if random.one_in(3) => {
                let command = random.below(self.commands.len());
                change_part(&mut self.commands[command].part, random);
            }
            _ => {
                if let Some((owner, position)) = self.some_member(random) {
                    change_part(&mut self.members_mut(owner)[position].part, random);
                }
            }
        }
    }

    fn change_command(&mut self, random: &mut Random) {
        let objects = self.objects();
        let reference = self.reference(random, f64::INFINITY);
        let index = random.below(self.commands.len());
        let command = &mut self.commands[index];
        match random.below(4) {
            0 => {
                let flag = random.below(4);
                command.flags[flag] ^= true;
            }
            1 => change_part(&mut command.part, random),
            2 => command.data = (!random.one_in(3)).then(|| *random.choose(&objects)),
            _ => {
                let object = Ref::Type(*random.choose(&objects));
                command.returns = match random.below(3) {
                    0 => None,
                    1 => Some(object),
                    _ => Some(reference),
                };
            }
        }
    }

    fn change_values(&mut self, random: &mut Random) {
        let enums = self.types_where(|body| matches!(body, Body::Enum(_)));
        let index = *random.choose(&enums);
        let added = self.part("value");
        let Body::Enum(values) = &mut self.types[index].body else {
            unreachable!("it was chosen for being one");
        };
        match random.below(4) {
            0 if values.len() > 1 => {
                let removed = values.remove(random.below(values.len()));
                self.drop_branch(index, &removed.name);
            }
            1 => values.reverse(),
            2 => {
                let value = random.below(values.len());
                change_part(&mut values[value], random);
            }
            _ => values.insert(random.below(values.len() + 1), added),
        }
    }

    fn drop_branch(&mut self, enum_: usize, value: &str) {
        for ty in &mut self.types {
            if let Body::Union {
                tag_type, branches, ..
            } = &mut ty.body
                && *tag_type == enum_
            {
                branches.retain(|(name, _)| name != value);
            }
        }
    }

    fn change_alternatives(&mut self, random: &mut Random) {
        let alternates = self.types_where(|body| matches!(body, Body::Alternate(_)));
        let index = *random.choose(&alternates);
        let name = self.fresh("way");
        let Body::Alternate(alternatives) = &mut self.types[index].body else {
            unreachable!("it was chosen for being one");
        };
        let null = alternatives
            .iter()
            .position(|(_, ty)| *ty == Ref::Builtin("null"));
        match null {
            Some(null) => {
                alternatives.remove(null);
            }
            None => alternatives.push((name, Ref::Builtin("null"))),
        }
    }

    /// Makes the type of a member an alternate that includes it, or one of its alternatives.
    fn wrap(&mut self, random: &mut Random) {
        let Some((owner, position)) = self.some_member(random) else {
            return;
        };
        let ty = self.members_of(owner)[position].ty;
        let is_object =
            |index: usize| matches!(self.types[index].body, Body::Struct(_) | Body::Union { .. });
        let wrapped = match ty {
            Ref::Type(index) if matches!(self.types[index].body, Body::Alternate(_)) => {
                let Body::Alternate(alternatives) = &self.types[index].body else {
                    return;
                };
                random.choose(alternatives).1
            }
            Ref::Type(index) if is_object(index) => {
                let ways = vec![
                    (self.fresh("way"), ty),
                    (self.fresh("way"), Ref::Builtin("str")),
                ];
                let rank = f64::midpoint(self.rank(ty), self.types[owner].rank);
                let index = self.add_type("Alternate", Body::Alternate(ways));
                self.types[index].rank = rank;
                Ref::Type(index)
            }
            _ => return,
        };
        self.members_mut(owner)[position].ty = wrapped;
    }

    /// Moves a member between the common ones of a union and its branches.
    fn move_member(&mut self, random: &mut Random) {
        let unions = self.types_where(|body| matches!(body, Body::Union { .. }));
        let index = *random.choose(&unions);
        let rank = self.types[index].rank;
        let Body::Union {
            base,
            tag,
            branches,
            ..
        } = &self.types[index].body
        else {
            unreachable!("it was chosen for being one");
        };
        let branches: Vec<_> = branches.iter().map(|(_, ty)| *ty).collect();
        let movable = base.iter().position(|member| member.part.name != *tag);
        if branches.is_empty() {
            return;
        }
        if let Some(position) = movable.filter(|_| random.one_in(2)) {
            let member = self.members_mut(index).remove(position);
            for branch in branches {
                let name = &member.part.name;
                let has = |it: &MemberSpec| it.part.name == *name;
                let lower = self.rank(member.ty) < self.types[branch].rank;
                if !self.members_of(branch).iter().any(has) && lower && !random.one_in(3) {
                    self.members_mut(branch).push(member.clone());
                }
            }
        } else {
            let branch = *random.choose(&branches);
            let Some(member) = self.members_of(branch).first().cloned() else {
                return;
            };
            for branch in branches {
                self.members_mut(branch)
                    .retain(|it| it.part.name != member.part.name);
            }
            let has = |it: &MemberSpec| it.part.name == member.part.name;
            if self.rank(member.ty) < rank && !self.members_of(index).iter().any(has) {
                self.members_mut(index).insert(0, member);
            }
        }
    }

    fn change_members(&mut self, random: &mut Random) {
        let objects = self.objects();
        let owner = *random.choose(&objects);
        let rank = self.types[owner].rank;
        if random.one_in(3) {
            let member = self.member(random, rank);
            let position = random.below(self.members_of(owner).len() + 1);
            return self.members_mut(owner).insert(position, member);
        }
        let Some((owner, position)) = self.some_member(random) else {
            return;
        };
        let rank = self.types[owner].rank;
        let ty = self.reference(random, rank);
        let similar = self.similar(self.members_of(owner)[position].ty, rank, random);
        let members = self.members_mut(owner);
        match random.below(9) {
            0 => {
                members.remove(position);
            }
            1 => members[position].optional ^= true,
            2 => change_part(&mut members[position].part, random),
            3 => members.reverse(),
            4 => members[position].ty = Ref::Builtin(random.choose::<&str>(&BUILTINS)),
            5 => members[position].ty = ty,
            _ => members[position].ty = similar,
        }
    }

    /// A type whose values look alike: another number, an enumeration for a string.
    fn similar(&self, ty: Ref, rank: f64, random: &mut Random) -> Ref {
        const NUMBERS: [&str; 6] = ["int", "number", "uint8", "int32", "uint64", "size"];
        let is_enum = |body: &Body| matches!(body, Body::Enum(_));
        match ty {
            Ref::Builtin("str") => self
                .types_where(|body| matches!(body, Body::Enum(_)))
                .into_iter()
                .find(|index| self.types[*index].rank < rank)
                .map_or(ty, Ref::Type),
            Ref::Builtin(name) if NUMBERS.contains(&name) => {
                Ref::Builtin(random.choose::<&str>(&NUMBERS))
            }
            Ref::Type(index) if is_enum(&self.types[index].body) => Ref::Builtin("str"),
            _ => ty,
        }
    }

    /// A member that is not a discriminator.
    fn some_member(&self, random: &mut Random) -> Option<(usize, usize)> {
        let mut all = Vec::new();
        for owner in self.objects() {
            let tag = match &self.types[owner].body {
                Body::Union { tag, .. } => tag.as_str(),
                _ => "",
            };
            let members = self.members_of(owner).iter().enumerate();
            let members = members.filter(|(_, member)| member.part.name != tag);
            all.extend(members.map(|(position, _)| (owner, position)));
        }
        (!all.is_empty()).then(|| *random.choose(&all))
    }

    fn members_of(&self, owner: usize) -> &[MemberSpec] {
        match &self.types[owner].body {
            Body::Struct(members) => members,
            Body::Union { base, .. } => base,
            Body::Enum(_) | Body::Alternate(_) => &[],
        }
    }

    fn members_mut(&mut self, owner: usize) -> &mut Vec<MemberSpec> {
        match &mut self.types[owner].body {
            Body::Struct(members) => members,
            Body::Union { base, .. } => base,
            Body::Enum(_) | Body::Alternate(_) => unreachable!("only objects have members"),
        }
    }
}

fn change_part(part: &mut Part, random: &mut Random) {
    if random.one_in(2) {
        part.condition = (!random.one_in(3)).then(|| *random.choose(&CONDITIONS));
    } else {
        part.feature = (!random.one_in(3)).then(|| *random.choose(&FEATURES));
    }
}
